// powerpanel as a GraphQL API, by PostGraphile:
//
//     npm ci && PGDATABASE=mydb PGUSER=reader node server.js
//
// Where to comes from the environment: PGHOST, PGDATABASE, PGUSER, ... The role has
// the rights that every request has, so it is not the owner of the tables.
import { createServer } from 'node:http'
import { postgraphile } from 'postgraphile'

const api = postgraphile({}, 'powerpanel', { includeExtensionResources: true, extendedErrors: ['errcode', 'constraint', 'detail', 'hint'] })
const server = createServer(api).listen(process.env.PORT ?? 5000, '127.0.0.1')
server.on('listening', () => console.log(`http://127.0.0.1:${server.address().port}/graphql`))
