/*-------------------------------------------------------------------------
 *
 * panel_read.h
 *	  A panel and its breakers, read for one who asks.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_PANEL_READ_H
#define POWERPANEL_PANEL_READ_H

#include "compat.h"

#include "fmgr.h"
#include "utils/uuid.h"

#include "geometry.h"

/*
 * The names of a location and of those that contain it, from the top, joined by
 * ' > '.  A loop of locations, where one got in, is walked once.
 */
#define LOCATION_PATH_SQL(location) \
	"(WITH RECURSIVE up (id, parent_id, name, depth) AS (" \
	" SELECT l.id, l.parent_id, l.name, 0 FROM powerpanel.location l" \
	" WHERE l.id OPERATOR(pg_catalog.=) " location \
	" UNION ALL" \
	" SELECT l.id, l.parent_id, l.name, up.depth OPERATOR(pg_catalog.+) 1 FROM up" \
	" JOIN powerpanel.location l ON l.id OPERATOR(pg_catalog.=) up.parent_id)" \
	" CYCLE id SET looped USING walked" \
	" SELECT pg_catalog.string_agg(name, ' > ' ORDER BY depth DESC) FROM up WHERE NOT looped)"

typedef struct PanelSheet
{
	char	   *name;
	char	   *location;		/* "DC1 > Hall 2" */
	char	   *type;			/* NULL where it is not known; likewise below */
	char	   *path;
	char	   *numbering_label;
	char	   *bus_label;
	PanelNumbering numbering;
	PanelBus	bus;
	int			circuit_positions;	/* 0 where that is not known */
	char	   *voltage;		/* V */
	char	   *main_breaker;	/* A */
} PanelSheet;

typedef struct PanelFeed
{
	char	   *name;
	char	   *status;
	int			position;		/* valid, see breaker_is_valid() */
	int			poles;
	int			amperage;		/* A */
	int64		available_power;	/* VA */
} PanelFeed;

extern void panel_read(const pg_uuid_t *panel, PanelSheet *sheet);
extern PanelFeed *panel_read_feeds(const pg_uuid_t *panel, int *n);
extern void argument_not_null(FunctionCallInfo fcinfo, int arg, const char *name);
extern void panel_must_exist(const pg_uuid_t *panel);

#endif							/* POWERPANEL_PANEL_READ_H */
