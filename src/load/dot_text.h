/*-------------------------------------------------------------------------
 *
 * dot_text.h
 *	  Names and figures as they are written in a diagram.
 *
 *-------------------------------------------------------------------------
 */
#ifndef POWERPANEL_DOT_TEXT_H
#define POWERPANEL_DOT_TEXT_H

#include "compat.h"

#include "lib/stringinfo.h"

/* Names longer than this are cut. */
#define NAME_LENGTH		40

extern void dot_put_quoted(StringInfo out, const char *name, int max);
extern void dot_put_html(StringInfo out, const char *name, int max);
extern void dot_put_kva(StringInfo out, double va);
extern void dot_put_load(StringInfo out, double va, double heaviest, double of);
extern int	compare_names(const char *a, const char *b);

#endif							/* POWERPANEL_DOT_TEXT_H */
