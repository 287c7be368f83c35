/** The dashboard's style, beside that of all pages. */
export const STYLE = `main{max-width:72rem}
.site,.legal{padding-inline:max(1.25rem,50vw - 34.75rem)}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(10.5rem,100%),1fr));gap:.75rem;margin:1rem 0}
.tiles li{padding:.75rem;border:1px solid var(--line);border-radius:.5rem;margin:0}
.tiles .look{border:2px solid var(--bad)}
.tiles strong{display:block;font-size:1.2rem;line-height:1.5}
.tiles .look strong{color:var(--bad)}
:root{--bad:#b3261e;--s0:#1a4fa3;--s1:#b4540a;--s2:#5b6b7a;--s3:#7a3e9d;--s4:#1f7a4d}
@media(prefers-color-scheme:dark){:root{--bad:#ff8a80;--s0:#8ab4f8;--s1:#f2b17a;--s2:#a9b4bf;--s3:#d3a4ee;--s4:#7fd3a8}}
.chart{display:block;width:100%;height:8rem;border-bottom:1px solid var(--line)}
.chart path{fill:none;stroke-width:.8}.s0{stroke:var(--s0);background:var(--s0)}.s1{stroke:var(--s1);background:var(--s1)}.s2{stroke:var(--s2);background:var(--s2)}.s3{stroke:var(--s3);background:var(--s3)}.s4{stroke:var(--s4);background:var(--s4)}
.chart .mark{stroke-width:1}.mark{stroke:var(--ink);stroke-dasharray:4 4;vector-effect:non-scaling-stroke;background:var(--ink)}
.keys{display:flex;flex-wrap:wrap;gap:.25rem 1rem;margin:.5rem 0}
.keys li,ul:not([class]) .keys li{margin:0}
.keys i{display:inline-block;width:.8rem;height:.8rem;margin-inline-end:.4rem}
section{margin:2rem 0}figure{margin:1rem 0}figcaption{margin-top:.5rem}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.95rem;overflow-wrap:normal}
th,td{padding:.4rem .75rem .4rem 0;border-bottom:1px solid var(--line);text-align:start;vertical-align:top;font-weight:400}
thead th{color:var(--soft)}
td,th+th{text-align:end}
summary{min-height:2.75rem;padding:.6rem 0;cursor:pointer}
.ranges{display:flex;flex-wrap:wrap;gap:0 1.25rem}
.ranges a,.ranges b{display:inline-flex;align-items:center;justify-content:center;min-height:2.75rem;min-width:2rem}
.press{display:flex;flex-wrap:wrap;align-items:end;gap:.5rem 1rem;margin:.5rem 0}.press label{max-width:100%}.press input,.press select{display:block}[hidden]{display:none}td button{min-height:2.75rem;padding:.25rem 1rem}select{max-width:100%;min-height:2.75rem;padding:.4rem .75rem;border:1px solid var(--soft);border-radius:.4rem;background:var(--paper);color:var(--ink);font:inherit}.done{padding:.5rem 1rem;border-inline-start:4px solid var(--accent)}pre{white-space:pre-wrap;overflow-wrap:anywhere}
label{display:block}textarea{display:block;width:100%;min-height:8rem;margin:.25rem 0 .75rem;background:var(--paper);color:var(--ink);border:1px solid var(--soft);border-radius:.4rem;font:inherit}`
