-- examples/page/style.sql: how the page looks, on a screen of any width, in light and
-- dark, and on paper. The drawing has colours of its own, for white.
SELECT $style$<style>
:root { --text: #1c2330; --soft: #56606f; --page: #fff; --card: #f4f6f9; --line: #cfd6df; --link: #0b57b0; --bad: #b3261e; --badcard: #fdecea }
@media (prefers-color-scheme: dark) {
:root { --text: #e6e9ee; --soft: #a6b0bd; --page: #14181f; --card: #1e242d; --line: #3a4451; --link: #8ab8ff; --bad: #ff9a91; --badcard: #3a2022 }
}
* { box-sizing: border-box }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100% }
body { margin: 0 auto; padding: 1.5rem 1rem 4rem; max-width: 68rem; color: var(--text); background: var(--page); font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .5rem }
h2 { font-size: 1.3rem; line-height: 1.3; margin: 0 0 .75rem; padding-top: 2.2rem }
h3 { font-size: 1rem; margin: 1.4rem 0 .4rem }
p, li { max-width: 46rem }
p, dd, li, td, th { overflow-wrap: break-word }
a { color: var(--link) }
nav ul { display: flex; flex-wrap: wrap; gap: .3rem 1rem; padding: 0; margin: 1rem 0 0; list-style: none }
nav li { padding: .2rem 0 }
.short { padding: 1rem 1rem 1rem 2.2rem; margin: 0; background: var(--card); border-radius: .5rem }
.short li + li { margin-top: .4rem }
.box { overflow-x: auto; margin: 1.2rem 0 .4rem; border: 1px solid var(--line); border-radius: .4rem }
.box:focus-visible { outline: 2px solid var(--link) }
table { border-collapse: collapse; width: 100%; font-size: .92rem; line-height: 1.35 }
caption { text-align: left; padding: .6rem .7rem; background: var(--card) }
th, td { padding: .35rem .7rem; text-align: left; vertical-align: top; border-top: 1px solid var(--line) }
thead th { vertical-align: bottom; color: var(--soft); font-weight: 600 }
tbody th { font-weight: 600 }
tbody th:first-child:not(.at) { position: sticky; left: 0; background: var(--page) }
.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
thead .n { white-space: normal }
.name { white-space: nowrap }
.long { min-width: 15rem }
.n + td:not(.n), .n + th:not(.n) { padding-left: 1.8rem }
td[rowspan] { vertical-align: middle }
.at { text-align: center; font-variant-numeric: tabular-nums; border-left: 1px solid var(--line); border-right: 1px solid var(--line) }
.space { color: var(--soft); font-style: italic }
.over { color: var(--bad); font-weight: 700 }
pre { white-space: pre-wrap; overflow-wrap: anywhere; margin: .4rem 0; padding: .7rem .8rem; background: var(--card); border-radius: .4rem; font: .85rem/1.45 ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; tab-size: 4 }
code { font-family: ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace }
details { margin: 0 0 1.2rem; font-size: .9rem }
summary { color: var(--soft); cursor: pointer; padding: .2rem 0 }
.refusal { display: grid; grid-template-columns: max-content 1fr; gap: .25rem .9rem; margin: .4rem 0; padding: .7rem .9rem; background: var(--badcard); border-left: 4px solid var(--bad); border-radius: .4rem }
.refusal dt { font-weight: 600; color: var(--bad) }
.refusal dd { margin: 0; min-width: 0 }
figure { margin: 0; padding: 1rem; background: #fff; color: #1c2330; border: 1px solid var(--line); border-radius: .5rem; text-align: center }
figure svg { max-width: 100%; height: auto }
figcaption { font-size: .9rem; text-align: left; margin-top: .6rem }
figcaption a { color: #0b57b0; display: none }
figure:target { overflow-x: auto }
figure:target svg { max-width: none }
@media (max-width: 40rem) {
body { padding: 1rem .8rem 3rem }
h1 { font-size: 1.4rem }
figure { padding: .5rem }
figure:not(:target) .larger, figure:target .smaller { display: inline }
th, td { padding: .35rem .5rem }
caption { position: sticky; left: 0; max-width: calc(100vw - 2rem) }
}
@media print {
:root { --text: #000; --soft: #333; --page: #fff; --card: #fff; --line: #999; --link: #000; --bad: #000; --badcard: #fff }
html { font-size: 9.5pt }
body { max-width: none; padding: 0 }
th, td { padding: .25rem .4rem }
.n + td:not(.n), .n + th:not(.n) { padding-left: .8rem }
.name { white-space: normal }
.long { min-width: 0 }
nav, details { display: none }
.box { overflow: visible; border: 0 }
h2, h3, caption { break-after: avoid }
tr, figure, .refusal { break-inside: avoid }
thead { display: table-header-group }
}
</style>$style$;
