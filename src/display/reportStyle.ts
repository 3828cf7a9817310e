/** Style of a report: a readable column, light or dark as the reader prefers, plain on paper. */
import { figureStyle } from "./svgDocument.ts";

/** The whole style sheet; nothing in it is loaded from elsewhere. */
export function reportStyle(): string {
  return `
:root { color-scheme: light dark; --ink: #1a1a1a; --quiet: #595959; --paper: #fff; --wash: #f6f6f6; --warn: #a33b00; --link: #00598c }
@media screen and (prefers-color-scheme: dark) {
  :root { --ink: #ededed; --quiet: #b4b4b4; --paper: #141414; --wash: #1f1f1f; --warn: #ff9d66; --link: #7cc4f2 }
}
* { box-sizing: border-box }
body { margin: 0 auto; padding: 2rem 1.25rem 4rem; max-width: 52rem; background: var(--paper); color: var(--ink);
  font: 16px/1.5 "Helvetica Neue", Helvetica, Arial, "Liberation Sans", sans-serif }
h1 { font-size: 1.7rem; margin: 0 0 .25rem }
h2 { font-size: 1.4rem; margin: 3rem 0 .25rem; padding-top: 1rem; border-top: 2px solid var(--ink) }
h3 { font-size: 1.1rem; margin: 2rem 0 .5rem }
p { margin: .5rem 0 }
a { color: var(--link) }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px }
.quiet, figcaption { color: var(--quiet); font-size: .875rem }
nav ul, .messages { padding-left: 1.2rem; margin: .5rem 0 }
.serious { color: var(--warn); margin: .3rem 0 }
.scroll { overflow-x: auto }
table { border-collapse: collapse; width: 100%; font-size: .875rem; font-variant-numeric: tabular-nums; border-block: 2px solid var(--ink) }
th, td { padding: .25rem .5rem; text-align: right; white-space: nowrap }
th:first-child { text-align: left; padding-left: 0 }
td:last-child, th:last-child { padding-right: 0 }
thead th { border-bottom: 1px solid var(--ink); vertical-align: bottom }
thead small { display: block; font-weight: 400; color: var(--quiet); font-size: 1em }
tbody th { font-weight: 400; white-space: normal }
@media (max-width: 40rem) { table { font-size: .75rem } th, td { padding: .25rem .3rem } }
details { margin: .75rem 0 }
summary { cursor: pointer; font-weight: 600; font-size: .9375rem }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1.25rem; margin: 1rem 0; font-size: .9375rem }
dt { color: var(--quiet) }
dd { margin: 0 }
figure { margin: 1.25rem 0; overflow-x: auto }
figure svg { display: block; width: 100%; min-width: 35rem; height: auto }
figcaption { margin-top: .4rem; position: sticky; left: 0 }
pre { background: var(--wash); padding: .8rem 1rem; overflow-x: auto;
  font: .8125rem/1.45 ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace }
@media print {
  body { max-width: none; padding: 0; font-size: 10.5pt }
  nav { display: none }
  .scroll, figure { overflow: visible }
  h2 { break-before: page }
  article:first-of-type h2 { break-before: auto }
  figure, tr { break-inside: avoid }
  details::details-content { content-visibility: visible; display: block }
}
${figureStyle()}`;
}
