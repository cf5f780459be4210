// How an application in Node.js works with powerpanel, by pg (node-postgres).
//
// Copy from the upper part what you need. The lower part shows it at work, in a
// database that has the extension, and leaves nothing behind:
//
//     npm ci && PGDATABASE=mydb node feeds.js

import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'

// Where to comes from the environment: PGHOST, PGDATABASE, PGUSER, ... A server
// that answers many requests takes its clients from a pg.Pool, with these options.
export async function connect() {
  const client = new pg.Client({ options: '-c search_path=powerpanel,public' })
  await client.connect()
  return client
}

// Runs work(client) in a transaction, which is tried again from its start where
// PostgreSQL ended it so that another one could go on: 40001 is a serialization
// failure, 40P01 a deadlock. So work does nothing but write to the database: no
// mail is sent from there.
export async function inTransaction(client, work, { isolation = 'READ COMMITTED', attempts = 5 } = {}) {
  for (let attempt = 1; ; attempt++) {
    try {
      await client.query(`BEGIN ISOLATION LEVEL ${isolation}`)
      const result = await work(client)
      await client.query('COMMIT')
      return result
    } catch (error) {
      await client.query('ROLLBACK').catch(() => {}) // the connection may be gone
      if (attempt === attempts || !['40001', '40P01'].includes(error.code)) throw error
      await sleep(Math.random() * 20 * 2 ** attempt)
    }
  }
}

// The field of the form beside which an error belongs. What is not listed here
// belongs to the form as a whole.
const field = {
  power_feed_name: 'name',
  power_feed_power_panel_id_name_key: 'name',
  power_feed_voltage: 'voltage',
  power_feed_amperage: 'amperage',
  power_feed_breaker_position: 'breaker_position',
  power_feed_breaker_capacity: 'breaker_position',
  power_feed_breaker_conflict: 'breaker_position',
  power_feed_breaker_pole_count: 'breaker_pole_count',
  power_feed_breaker_bus: 'breaker_pole_count',
  power_feed_cycle: 'destination_panel_id',
  power_feed_destination_self: 'destination_panel_id'
}

// Unique constraints are PostgreSQL's own and have no description.
const text = { power_feed_power_panel_id_name_key: 'This panel has a feed of that name already' }

// Every rule and its description. Once for each process is enough.
export async function loadRules(client) {
  const { rows } = await client.query('SELECT name, description FROM rule')
  return new Map(rows.map((row) => [row.name, row.description]))
}

// Class 23 are the integrity constraints: the user's to mend. Anything else is ours.
export function isRefusal(error) {
  return error instanceof pg.DatabaseError && error.code.startsWith('23')
}

// What the form tells of a refused write. Where there is a hint, the detail tells
// of circuits and panels by their names. Without one it is PostgreSQL's, of keys
// and whole rows: for a log, not a form.
export function formError(error, rules) {
  const rule = error.constraint
  return {
    rule,
    field: field[rule] ?? 'form',
    text: text[rule] ?? rules.get(rule) ?? error.message,
    detail: error.hint && error.detail,
    hint: error.hint
  }
}

// Adds a feed; the columns that are not given have their defaults. The names of
// columns are the application's own, never the user's.
export async function addFeed(client, panel, values) {
  values = { power_panel_id: panel, status: 'active', ...values }
  const columns = Object.keys(values).map((column) => client.escapeIdentifier(column))
  const { rows } = await client.query(
    `INSERT INTO power_feed (${columns.join(', ')}) VALUES (${columns.map((_, i) => `$${i + 1}`).join(', ')})
     RETURNING id, name, occupied_positions, occupied_positions::int[] AS positions, phase_designation`,
    Object.values(values)
  )
  return rows[0]
}

// Gives feeds new positions, a Map of feed to position, one after the other. On
// the way two of them may have one place; the rules are checked at the end, so
// that an error comes from COMMIT.
export function moveBreakers(client, positions) {
  return inTransaction(client, async () => {
    await client.query('SET CONSTRAINTS ALL DEFERRED')
    for (const [feed, position] of positions) {
      await client.query('UPDATE power_feed SET breaker_position = $1 WHERE id = $2', [position, feed])
    }
  })
}

// Bulk load: all rows or, where one of them breaks a rule, none. One statement,
// its rows passed as JSON; for COPY there is the package pg-copy-streams.
export async function loadFeeds(client, rows) {
  const { rowCount } = await client.query(
    `INSERT INTO power_feed (power_panel_id, name, status, breaker_position, breaker_pole_count)
     SELECT power_panel_id, name, status, breaker_position, breaker_pole_count
     FROM jsonb_to_recordset($1::jsonb) AS row
       (power_panel_id uuid, name text, status text, breaker_position int, breaker_pole_count int)`,
    [JSON.stringify(rows)]
  )
  return rowCount
}

// The feeds that have one of these positions: an array of numbers becomes a
// position_set by a cast, and a position_set becomes an array by ::int[].
export async function feedsAt(client, panel, positions) {
  const { rows } = await client.query(
    `SELECT name, occupied_positions FROM power_feed
     WHERE power_panel_id = $1 AND occupied_positions && $2::int[]::position_set ORDER BY name`,
    [panel, positions]
  )
  return rows
}

// ------------------------------------------------------------------ at work

async function refused(rules, write) {
  try {
    await write()
  } catch (error) {
    if (!isRefusal(error)) throw error
    const told = formError(error, rules)
    console.log(`refused, ${error.code} ${told.rule}`)
    console.log(`  ${told.field}: ${told.text}`)
    if (told.hint) {
      console.log(`  ${told.detail}`)
      console.log(`  ${told.hint}`)
    }
    return
  }
  throw new Error('this write should have been refused')
}

// Two sessions fill two panels in opposite order, each with the other's next
// panel locked: a deadlock, of which PostgreSQL ends one.
async function twoWriters(panels) {
  let attempts = 0
  let waiting = 0
  let go
  const bothBegan = new Promise((resolve) => { go = resolve })

  async function writer(name, position, [first, second]) {
    const client = await connect()
    let tries = 0
    try {
      await inTransaction(client, async () => {
        attempts++
        await addFeed(client, first, { name: `${name} 1`, breaker_position: position })
        if (++tries === 1) {
          if (++waiting === 2) go()
          await bothBegan
        }
        await addFeed(client, second, { name: `${name} 2`, breaker_position: position })
      })
    } finally {
      await client.end()
    }
  }

  await Promise.all([writer('left', 41, panels), writer('right', 42, [...panels].reverse())])
  return attempts
}

// Somebody else saves a feed between our reading and our writing it.
async function concurrentEdit(client, feed) {
  let tries = 0
  await inTransaction(client, async () => {
    await client.query('SELECT amperage FROM power_feed WHERE id = $1', [feed])
    if (++tries === 1) {
      const other = await connect()
      await other.query('UPDATE power_feed SET amperage = 30 WHERE id = $1', [feed])
      await other.end()
    }
    await client.query('UPDATE power_feed SET amperage = amperage + 10 WHERE id = $1', [feed])
  }, { isolation: 'REPEATABLE READ' })
  return tries
}

async function show(client) {
  const insert = async (statement, values) => (await client.query(`${statement} RETURNING id`, values)).rows[0].id
  const rules = await loadRules(client)
  const place = await insert("INSERT INTO location (name) VALUES ('Workshop of the examples')")
  try {
    const panel = 'INSERT INTO power_panel (name, location_id, circuit_positions) VALUES ($1, $2, 42)'
    const main = await insert(panel, ['Main', place])
    const sub = await insert(panel, ['Sub', place])

    console.log('-- a feed, and what follows from it')
    const pump = await addFeed(client, main, { name: 'Pump', breaker_position: 1, breaker_pole_count: 3, phase: 'three-phase' })
    console.log(`${pump.name}: ${pump.occupied_positions} = [${pump.positions.join(', ')}], ${pump.phase_designation}`)
    for (const feed of await feedsAt(client, main, [4, 5, 6])) {
      console.log(`at 4 to 6: ${feed.name} (${feed.occupied_positions})`)
    }

    console.log('-- what a form shows when a rule refuses')
    await refused(rules, () => addFeed(client, main, { name: 'Fan', breaker_position: 5, breaker_pole_count: 2 }))
    await refused(rules, () => addFeed(client, main, { name: 'Fan', voltage: 0 }))
    await refused(rules, () => addFeed(client, main, { name: 'Pump' }))
    await addFeed(client, main, { name: 'To Sub', destination_panel_id: sub })
    await refused(rules, () => addFeed(client, sub, { name: 'Tie', destination_panel_id: main }))

    console.log('-- two breakers change places')
    const fan = await addFeed(client, main, { name: 'Fan', breaker_position: 7, breaker_pole_count: 3 })
    await moveBreakers(client, new Map([[pump.id, 7], [fan.id, 1]]))
    for (const feed of await feedsAt(client, main, [1, 7])) {
      console.log(`${feed.name}: ${feed.occupied_positions}`)
    }
    await refused(rules, () => moveBreakers(client, new Map([[pump.id, 8], [fan.id, 10]])))

    console.log('-- a bulk load')
    const circuit = { power_panel_id: sub, status: 'active', breaker_pole_count: 1 }
    const rows = Array.from({ length: 40 }, (_, i) => ({ ...circuit, name: `Circuit ${i + 1}`, breaker_position: i + 1 }))
    console.log(`${await loadFeeds(client, rows)} feeds loaded`)
    await refused(rules, () => loadFeeds(client, [
      { power_panel_id: main, name: 'Heater', status: 'active', breaker_position: 20, breaker_pole_count: 2 },
      { power_panel_id: main, name: 'Door', status: 'active', breaker_position: 22, breaker_pole_count: 1 }
    ]))

    console.log('-- other sessions')
    console.log(`saved while we edited: done at attempt ${await concurrentEdit(client, pump.id)}`)
    console.log(`a deadlock: both done after ${await twoWriters([main, sub])} attempts`)

    console.log('-- what the network tells')
    const { rows: [{ free }] } = await client.query('SELECT find_breaker_position($1, 2) AS free', [main])
    console.log(`the next 2-pole breaker goes to ${free}`)
    const { rows: changes } = await client.query(
      `SELECT object_type, name, state_after FROM simulate_outage(panels => $1)
       WHERE object_type = 'power_panel' ORDER BY name`, [[main]])
    for (const change of changes) {
      console.log(`without Main: ${change.object_type} ${change.name} is ${change.state_after}`)
    }
  } finally {
    await client.query('DELETE FROM power_feed USING power_panel p WHERE p.id = power_panel_id AND p.location_id = $1', [place])
    await client.query('DELETE FROM power_panel WHERE location_id = $1', [place])
    await client.query('DELETE FROM location WHERE id = $1', [place])
  }
}

const client = await connect()
try {
  await show(client)
} finally {
  await client.end()
}
