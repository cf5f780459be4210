/*-------------------------------------------------------------------------
 *
 * event_trigger.c
 *	  What the event triggers have in common.
 *
 *-------------------------------------------------------------------------
 */
#include "compat.h"

#include "catalog/dependency.h"
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "commands/extension.h"
#include "storage/lockdefs.h"

#include "event_trigger.h"

/* What an event trigger is told; raises 39P03 where it is called as a plain function. */
EventTriggerData *
event_data(FunctionCallInfo fcinfo, const char *function)
{
	if (!CALLED_AS_EVENT_TRIGGER(fcinfo))
		ereport(ERROR,
				(errcode(ERRCODE_E_R_I_E_EVENT_TRIGGER_PROTOCOL_VIOLATED),
				 errmsg("function \"%s\" was not called by event trigger manager", function)));
	return (EventTriggerData *) fcinfo->context;
}

/* The oid of a table of ours, or InvalidOid if it is none. */
Oid
member_table(RangeVar *name)
{
	Oid			ours = get_extension_oid("powerpanel", true);
	Oid			relid = RangeVarGetRelid(name, NoLock, true);

	if (OidIsValid(ours) && OidIsValid(relid) &&
		getExtensionOfObject(RelationRelationId, relid) == ours)
		return relid;
	return InvalidOid;
}
