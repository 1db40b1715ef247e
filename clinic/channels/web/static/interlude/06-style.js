// the look: constructable style sheet, so that no page's Content-Security-Policy needs an exception
const STYLE = `
:host{all:initial;--bg:#f3f6f6;--card:#fff;--ink:#16262b;--soft:#43555b;--line:#6f8187;--faint:#c9d3d6;--accent:#0b5a66;
--on-accent:#fff;--mine:#d6eaed;--alert:#9b1c1c;--on-alert:#fff;--alert-bg:#fdf0ef;
display:block;height:40em;min-height:0;color-scheme:light dark;color:var(--ink);text-align:start;
font:400 max(16px,1rem)/1.5 system-ui,-apple-system,"Segoe UI",Roboto,Arial,sans-serif}
@media (prefers-color-scheme:dark){:host{--bg:#10191c;--card:#1b272b;--ink:#eaf1f2;--soft:#b6c5c9;--line:#84969c;--faint:#3b4b50;
--accent:#86d3de;--on-accent:#06252a;--mine:#15434b;--alert:#ffb4ab;--on-alert:#3a0503;--alert-bg:#3a1c1a}}
:host([hidden]){display:none}
*{box-sizing:border-box}
[hidden]{display:none!important}
h1,h2,h3,h4,p,ul,ol{margin:0;padding:0;font-size:1em}
.sr{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
:focus-visible{outline:3px solid var(--ink);outline-offset:2px;box-shadow:0 0 0 2px var(--bg)}
button,textarea{font:inherit;color:inherit;letter-spacing:inherit;word-spacing:inherit}
button{min-height:44px;min-width:44px;padding:.4em .9em;border:1px solid var(--line);border-radius:.6em;background:var(--card);
color:var(--accent);font-weight:600;cursor:pointer;touch-action:manipulation}
@media (hover:hover){button:hover{text-decoration:underline}}
.go{background:var(--accent);border-color:transparent;color:var(--on-accent)}
.urgent{background:var(--alert);border-color:transparent;color:var(--on-alert)}
a{color:inherit;text-underline-offset:.15em}
.frame{display:flex;flex-direction:column;height:100%;background:var(--bg);position:relative;overflow:hidden;container-type:inline-size}
.top{display:flex;flex-wrap:wrap;align-items:center;justify-content:flex-end;gap:.4em;padding:.5em .75em;background:var(--card);border-bottom:1px solid var(--faint)}
.title{flex:1 1 auto;display:flex;align-items:center;gap:.5em}
.title p{color:var(--soft);font-size:.85em;line-height:1.2}
.title h1,.title h2,.title h3{font-size:1.1em;line-height:1.2}
.mark{width:1.9em;height:1.9em;flex:none;fill:var(--accent)}
.top button{padding:.3em .6em;line-height:1.2}
.panel,.banner{padding:.75em;background:var(--card);border-bottom:1px solid var(--line);overflow:auto;flex:0 1 auto;max-height:75%}
.panel>:first-child{display:flex;justify-content:space-between;align-items:center;gap:.5em}
.panel>*+*,.banner>*+*{margin-top:.6em}
.panel.help,.banner{border-left:6px solid var(--alert)}
.banner{max-height:55%}
:is(.panel,.left) :is(h1,h2,h3,h4){font-size:1.15em;line-height:1.3}
.check{display:flex;gap:.6em;align-items:center;min-height:44px;font-weight:600}
.check input{width:26px;height:26px;flex:none;accent-color:var(--accent)}
.contacts{list-style:none;display:grid;gap:0 1.2em;grid-template-columns:repeat(auto-fill,minmax(min(100%,20em),1fr))}
.contacts li{border-top:1px solid var(--faint)}
.contacts li>*{display:flex;align-items:center;min-height:46px;padding:.3em 0;line-height:1.35;text-decoration:none}
.contacts a b{text-decoration:underline}
.told:not(:empty){padding:.6em .75em;border:2px solid var(--alert);border-radius:.6em}
.told p+p{margin-top:.5em}
.middle{flex:1 1 6em;min-height:4.5em;overflow:auto;overscroll-behavior:contain;position:relative;padding:.75em}
.middle:focus-visible{outline-offset:-3px;box-shadow:none}
ol{list-style:none;display:flex;flex-direction:column;gap:.75em}
.said{max-width:min(92%,36em);padding:.6em .85em;border:1px solid var(--faint);border-radius:.9em .9em .9em .2em;background:var(--card);
overflow-wrap:anywhere;align-self:flex-start;scroll-margin-top:4em}
.patient{align-self:flex-end;background:var(--mine);border-color:transparent;border-radius:.9em .9em .2em .9em}
.staff{border:2px solid var(--accent)}
.crisis{background:var(--alert-bg);border:2px solid var(--alert);border-left-width:8px;max-width:min(100%,36em)}
.said p+p{margin-top:.6em}
.said .flag{margin-bottom:.4em;font-weight:700;color:var(--alert)}
p a{display:inline-block;padding:.1em 0;font-weight:700;white-space:nowrap}
.said .small{font-size:.85em;color:var(--soft);margin-top:.35em}
.said .state{font-weight:600}
.said button{margin-left:.5em}
.quick{display:flex;flex-wrap:wrap;gap:.5em;padding-top:.75em}
.quick button{text-align:left;overflow-wrap:anywhere}
.typing{padding:.5em 0 0;color:var(--soft)}
.typing:not(:empty)::before{content:"";display:inline-block;width:.55em;height:.55em;margin-right:.5em;border-radius:50%;background:var(--accent);
animation:breathe 1.6s ease-in-out infinite}
@keyframes breathe{50%{opacity:.2}}
@media (prefers-reduced-motion:reduce){.typing:not(:empty)::before{animation:none}}
.below{align-self:center;margin:-3.2em 0 .4em;position:relative;flex:none}
form{padding:.5em .75em;background:var(--card);border-top:1px solid var(--faint);flex:none}
label[for=write]{font-weight:600}
.row{display:flex;gap:.5em;align-items:flex-end;margin:.2em 0}
textarea{flex:1;min-width:0;min-height:44px;padding:.5em .7em;border:2px solid var(--line);border-radius:.6em;
background:var(--bg);color:var(--ink);resize:none;line-height:1.4;overflow:auto}
textarea:focus-visible{outline-offset:-1px;box-shadow:none}
form .small,.hint{font-size:.85em;color:var(--soft)}
.error:not(:empty){margin-bottom:.4em;padding:.4em .6em;max-height:12em;overflow:auto;
border-left:4px solid var(--alert);background:var(--alert-bg);font-weight:600}
.over{color:var(--alert)!important;font-weight:700}
.hint{display:none}
@media (hover:hover) and (pointer:fine){.hint{display:block}}
select{min-height:44px;max-width:100%;padding:.3em .6em;border:2px solid var(--line);border-radius:.6em;background:var(--bg);color:var(--ink);font:inherit}
.answers:not(:empty){padding:.5em .7em;border:1px solid var(--line);border-radius:.6em}
.answers pre{margin:.5em 0 0;font:inherit;white-space:pre-wrap;overflow-wrap:anywhere}
.left{padding:1.5em .75em;overflow:auto}
.left>*+*{margin-top:.75em}
@container (max-width:34em){.title p{display:none}
.panel{flex:1 1 auto;max-height:none}.panel:not([hidden])~*{display:none}}
@container (max-width:30em){.closable .words{position:absolute;clip-path:inset(50%)}}
@container (max-width:26em){.words{position:absolute;clip-path:inset(50%)}.closable .mark{display:none}}
@container (max-width:20.5em){.mark{display:none}}
@media (max-height:20em){:host{height:auto!important;min-height:100%}.frame{height:auto;min-height:100%;overflow:visible}
.top{position:sticky;top:0;z-index:1}.middle,.panel,.banner{flex:none;overflow:visible;max-height:none}.middle{min-height:6em}}
@media (forced-colors:active){.said,.go,.urgent{border:2px solid}.crisis{border-left-width:10px}.mark{fill:CanvasText}
.typing:not(:empty)::before{background:CanvasText}}
`;

function sheet(text) {
  const made = new CSSStyleSheet();
  made.replaceSync(text);
  return made;
}
const STYLES = sheet(STYLE);
