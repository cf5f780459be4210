/*-------------------------------------------------------------------------
 *
 * gist.c
 *	  Fuzz target: the GiST operator class of position_set, each function by
 *	  itself and all of them together, in a small tree that grows as GiST's do.
 *
 *-------------------------------------------------------------------------
 */
#include "fuzz.h"

#include "access/gist.h"
#include "access/stratnum.h"

extern Datum position_set_eq(PG_FUNCTION_ARGS);
extern Datum position_set_overlaps(PG_FUNCTION_ARGS);
extern Datum position_set_gist_consistent(PG_FUNCTION_ARGS);
extern Datum position_set_gist_union(PG_FUNCTION_ARGS);
extern Datum position_set_gist_penalty(PG_FUNCTION_ARGS);
extern Datum position_set_gist_picksplit(PG_FUNCTION_ARGS);
extern Datum position_set_gist_same(PG_FUNCTION_ARGS);

#define SETS_MAX 48
#define NODE_MAX 8

/* ------------------------------------------ the functions as GiST calls them */

/* All that GIST_LEAF() looks at in a page */
static Page
make_page(bool leaf)
{
	char	   *page = palloc0(BLCKSZ);

	((PageHeader) page)->pd_special = BLCKSZ - sizeof(GISTPageOpaqueData);
	((PageHeader) page)->pd_pagesize_version = BLCKSZ | PG_PAGE_LAYOUT_VERSION;
	GistPageGetOpaque((Page) page)->flags = leaf ? F_LEAF : 0;
	return (Page) page;
}

static GISTENTRY *
make_entry(Datum key, bool leaf)
{
	GISTENTRY  *entry = palloc0(sizeof(GISTENTRY));

	gistentryinit(*entry, key, NULL, make_page(leaf), FirstOffsetNumber, leaf);
	return entry;
}

/* From number 1 on where GiST leaves number 0 free */
static GistEntryVector *
make_vector(const Datum *keys, int n, int first)
{
	GistEntryVector *vector = palloc0(GEVHDRSZ + (n + first) * sizeof(GISTENTRY));

	vector->n = n + first;
	for (int i = 0; i < n; i++)
		vector->vector[first + i] = *make_entry(keys[i], true);
	return vector;
}

static bool
consistent(Datum key, bool leaf, StrategyNumber strategy, Datum query)
{
	bool		recheck = true;
	bool		result = DatumGetBool(must(position_set_gist_consistent, 5,
										   PointerGetDatum(make_entry(key, leaf)), query,
										   UInt16GetDatum(strategy), ObjectIdGetDatum(InvalidOid),
										   PointerGetDatum(&recheck)));

	/* keys are never lossy */
	CHECK(!recheck);
	return result;
}

static Datum
unite(const Datum *keys, int n)
{
	int			size = -1;
	Datum		result = must(position_set_gist_union, 2,
							  PointerGetDatum(make_vector(keys, n, 0)), PointerGetDatum(&size));

	CHECK(size == (int) VARSIZE_ANY(DatumGetPointer(result)));
	return result;
}

static bool
same(Datum a, Datum b)
{
	bool		result = false;

	must(position_set_gist_same, 3, a, b, PointerGetDatum(&result));
	return result;
}

static float
penalty(Datum key, Datum added)
{
	float		result = -1;

	must(position_set_gist_penalty, 3, PointerGetDatum(make_entry(key, false)),
		 PointerGetDatum(make_entry(added, false)), PointerGetDatum(&result));
	return result;
}

/* --------------------------------------------------------- one by one */

static void
check_penalty(Datum a, Datum b, const Model *in_a, const Model *in_b)
{
	int			more = 0;

	for (int p = 1; p <= POSITION_MAX; p++)
		more += in_b->has[p] && !in_a->has[p];
	CHECK(penalty(a, b) == (float) more);
	CHECK(same(a, b) == model_same(in_a, in_b));
}

static void
check_union(const Datum *keys, const Model *models, int n)
{
	Model		all = {{0}};

	for (int i = 0; i < n; i++)
		for (int p = 1; p <= POSITION_MAX; p++)
			all.has[p] = all.has[p] || models[i].has[p];
	check_set(unite(keys, n), &all);
}

/* Each entry goes to one side, neither side is empty, and each side's key is its union. */
static void
check_picksplit(const Datum *keys, int n, GIST_SPLITVEC *split)
{
	bool		seen[SETS_MAX] = {false};
	Datum		side[2][SETS_MAX];
	int			count[2] = {split->spl_nleft, split->spl_nright};
	OffsetNumber *numbers[2] = {split->spl_left, split->spl_right};

	CHECK(count[0] > 0 && count[1] > 0 && count[0] + count[1] == n);
	for (int s = 0; s < 2; s++)
		for (int i = 0; i < count[s]; i++)
		{
			int			k = numbers[s][i] - FirstOffsetNumber;

			CHECK(k >= 0 && k < n && !seen[k]);
			seen[k] = true;
			side[s][i] = keys[k];
		}
	CHECK(same(split->spl_ldatum, unite(side[0], count[0])));
	CHECK(same(split->spl_rdatum, unite(side[1], count[1])));
}

static GIST_SPLITVEC *
picksplit(const Datum *keys, int n)
{
	GIST_SPLITVEC *split = palloc0(sizeof(GIST_SPLITVEC));

	must(position_set_gist_picksplit, 2, PointerGetDatum(make_vector(keys, n, 1)),
		 PointerGetDatum(split));
	check_picksplit(keys, n, split);
	return split;
}

/* ------------------------------------------------------------- the tree */

typedef struct TreeNode
{
	bool		leaf;
	int			n;
	Datum		key[NODE_MAX + 1];
	struct TreeNode *child[NODE_MAX + 1];	/* in a leaf, NULL */
	int			number[NODE_MAX + 1];	/* in a leaf, which set it is */
} TreeNode;

static TreeNode *
part_of(const TreeNode *node, const OffsetNumber *numbers, int n)
{
	TreeNode	   *part = palloc0(sizeof(TreeNode));

	part->leaf = node->leaf;
	for (int i = 0; i < n; i++)
	{
		int			k = numbers[i] - FirstOffsetNumber;

		part->key[i] = node->key[k];
		part->child[i] = node->child[k];
		part->number[i] = node->number[k];
	}
	part->n = n;
	return part;
}

/* Adds a set below a node; returns the new right half where the node split. */
static TreeNode *
insert(TreeNode *node, Datum key, int number)
{
	GIST_SPLITVEC *split;
	TreeNode	   *right;

	if (node->leaf)
	{
		node->key[node->n] = key;
		node->number[node->n++] = number;
	}
	else
	{
		int			best = 0;
		TreeNode	   *new_child;

		for (int i = 1; i < node->n; i++)
			if (penalty(node->key[i], key) < penalty(node->key[best], key))
				best = i;
		new_child = insert(node->child[best], key, number);
		node->key[best] = unite(node->child[best]->key, node->child[best]->n);
		if (new_child != NULL)
		{
			node->key[node->n] = unite(new_child->key, new_child->n);
			node->child[node->n++] = new_child;
		}
	}
	if (node->n <= NODE_MAX)
		return NULL;
	split = picksplit(node->key, node->n);
	right = part_of(node, split->spl_right, split->spl_nright);
	*node = *part_of(node, split->spl_left, split->spl_nleft);
	return right;
}

static TreeNode *
grow(const Datum *keys, int n)
{
	TreeNode	   *root = palloc0(sizeof(TreeNode));

	root->leaf = true;
	for (int i = 0; i < n; i++)
	{
		TreeNode	   *right = insert(root, keys[i], i);

		if (right != NULL)
		{
			TreeNode	   *above = palloc0(sizeof(TreeNode));

			above->n = 2;
			above->child[0] = root;
			above->child[1] = right;
			for (int side = 0; side < 2; side++)
				above->key[side] = unite(above->child[side]->key, above->child[side]->n);
			root = above;
		}
	}
	return root;
}

static void
search(const TreeNode *node, StrategyNumber strategy, Datum query, bool *found)
{
	for (int i = 0; i < node->n; i++)
	{
		if (!consistent(node->key[i], node->leaf, strategy, query))
			continue;
		if (node->leaf)
		{
			CHECK(!found[node->number[i]]);
			found[node->number[i]] = true;
		}
		else
			search(node->child[i], strategy, query, found);
	}
}

/* The tree finds what looking at each set finds. */
static void
check_search(const TreeNode *root, const Datum *keys, int n, StrategyNumber strategy,
			 PGFunction operator, Datum query)
{
	bool		found[SETS_MAX] = {false};

	search(root, strategy, query, found);
	for (int i = 0; i < n; i++)
		CHECK(found[i] == DatumGetBool(must(operator, 2, keys[i], query)));
}

int
LLVMFuzzerTestOneInput(const uint8 *data, size_t size)
{
	Input		input = {data, data + size};
	static Model models[SETS_MAX + 1];
	Datum		sets[SETS_MAX + 1];
	int			n = 2 + take(&input) % (SETS_MAX - 1);
	bool		result;
	bool		isnull;
	Datum		ignored;
	TreeNode	   *root;

	/* the last one is what is looked for */
	memset(models, 0, sizeof(models));
	for (int i = 0; i <= n; i++)
	{
		if (take(&input) & 1)
			models[i] = models[take(&input) % (i + 1)];
		take_model(&input, &models[i]);
		sets[i] = model_set(&models[i], i & 1);
	}
	check_penalty(sets[0], sets[1], &models[0], &models[1]);
	check_union(sets, models, n);
	picksplit(sets, n);
	root = grow(sets, n);
	for (int i = n; i >= 0; i -= 5)
	{
		check_search(root, sets, n, RTOverlapStrategyNumber, position_set_overlaps, sets[i]);
		check_search(root, sets, n, RTEqualStrategyNumber, position_set_eq, sets[i]);
	}

	/* no other strategy is known */
	result = call(position_set_gist_consistent, &ignored, &isnull, 5,
				  PointerGetDatum(make_entry(sets[0], true)), sets[1],
				  UInt16GetDatum(RTLeftStrategyNumber), ObjectIdGetDatum(InvalidOid),
				  PointerGetDatum(&result));
	CHECK(!result);
	free_all();
	return 0;
}
