// How the map looks. The rules go into the page's own style sheet, as the page may load no other and no element may
// bring one along (Content-Security-Policy).

/** Rules, one a line. First what Leaflet needs to work, then what is ours. */
const rules = `
.leaflet-pane,.leaflet-tile,.leaflet-tile-container,.leaflet-marker-icon,.leaflet-layer,.leaflet-pane>svg{position:absolute;left:0;top:0}
.leaflet-container{position:relative;z-index:0;overflow:hidden;-webkit-tap-highlight-color:transparent}
.leaflet-tile,.leaflet-marker-icon{user-select:none;-webkit-user-select:none}
.leaflet-tile{visibility:hidden;pointer-events:none}
.leaflet-tile-loaded{visibility:inherit}
.leaflet-tile-container,.leaflet-pane>svg,.leaflet-pane>svg path,.leaflet-marker-icon{pointer-events:none}
.leaflet-marker-icon.leaflet-interactive,.leaflet-pane>svg path.leaflet-interactive{pointer-events:auto;cursor:pointer}
.leaflet-touch-drag.leaflet-touch-zoom{touch-action:none}
.leaflet-touch-drag{touch-action:pinch-zoom}
.leaflet-touch-zoom{touch-action:pan-x pan-y}
.leaflet-zoom-animated{transform-origin:0 0}
.leaflet-zoom-anim .leaflet-zoom-animated{transition:transform .25s cubic-bezier(0,0,.25,1)}
.leaflet-zoom-anim .leaflet-tile,.leaflet-pan-anim .leaflet-tile{transition:none}
.leaflet-tile-pane{z-index:2}
.leaflet-overlay-pane{z-index:4}
.leaflet-overlay-pane svg{max-width:none}
.leaflet-marker-pane{z-index:6}
.leaflet-grab{cursor:grab}
.leaflet-dragging .leaflet-grab{cursor:grabbing}
.streets{height:320px;max-height:75vh;margin:0 0 1rem;border:1px solid var(--line);border-radius:.6rem;background:var(--line)}
.streets:focus{outline:3px solid var(--ink);outline-offset:2px}
.streets .sign{display:flex;align-items:center;justify-content:center;width:44px;max-width:none;height:44px;min-height:0;margin:-22px 0 0 -22px;padding:0;border:0;border-radius:50%;background:none;overflow:visible}
.streets .sign svg{flex:none;overflow:visible;filter:drop-shadow(0 1px 1px rgba(0,0,0,.5))}
.streets .sign:focus{outline:3px solid var(--ink);outline-offset:-4px;box-shadow:0 0 0 2px var(--card);z-index:9999!important}
.streets .sign.on svg{transform:scale(1.2)}
.streets .sign b{flex:none;min-width:30px;padding:0 .4rem;border:2px solid var(--card);border-radius:1rem;background:var(--ink);color:var(--card);font-size:.9rem;line-height:26px;white-space:nowrap}
.streets .pin{width:44px;height:44px;margin:-38px 0 0 -22px}
.streets .here{width:44px;height:44px;margin:-22px 0 0 -22px}
.streets .pin svg,.streets .here svg{display:block;overflow:visible}
.streets-bar{position:absolute;z-index:8;top:.5rem;right:.5rem;display:flex;flex-direction:column}
.streets-bar.low{top:auto;bottom:0}
.streets-bar button,.streets-card .shut{width:44px;height:44px;min-height:0;margin:0 0 .5rem;padding:0;border-color:var(--go);background:var(--card);color:var(--go);font-size:1.5rem;line-height:1}
.streets-bar [aria-disabled=true]{border-style:dashed;font-weight:400}
.streets-note{position:absolute;z-index:7;top:.5rem;left:.5rem;right:4.25rem;margin:0;padding:.4rem .75rem;border-radius:.5rem;background:var(--card);color:var(--ink);font-size:.95rem}
.streets-note:empty{display:none}
.streets-credit{margin:-.75rem 0 1rem;color:var(--ink);font-size:.8rem;line-height:1.5;text-align:end}
.streets-card{position:absolute;z-index:9;left:0;right:0;bottom:1.2rem;max-width:24rem;max-height:75%;overflow:auto;margin:.5rem;padding:.75rem 1rem;border:1px solid var(--line);border-radius:.6rem;background:var(--card);color:var(--ink);box-shadow:0 2px 8px rgba(0,0,0,.4)}
.streets-card .shut{float:right;margin:-.35rem -.6rem 0 0;border:0}
[dir=rtl] .streets-card .shut{float:left;margin:-.35rem 0 0 -.6rem}
[dir=rtl] .streets-bar{right:auto;left:.5rem}
[dir=rtl] .streets-note{left:4.25rem;right:.5rem}
[dir=rtl] .streets-card{left:auto}
.streets-card p{margin:0 0 .35rem}
.streets-card a{display:inline-block;min-height:44px;padding:.6rem 0}
.streets-card .button{display:flex;margin:0 0 .5rem}
@media (min-width:40rem){.streets{height:440px}}
@media print{.streets-bar,.streets-card,.streets-note{display:none}}
`;

/** Adds the rules to the page. Throws where it has no sheet of its own yet. */
export function dress(): void {
  const sheet = document.styleSheets[0];
  if (!sheet) throw new Error("the page has no style sheet");
  for (const rule of rules.trim().split("\n")) {
    try {
      sheet.insertRule(rule, sheet.cssRules.length);
    } catch (_) {
      // An old browser does without what it does not know.
    }
  }
}
