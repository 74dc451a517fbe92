/** Style and script of the console's page, as they stand in it. */

export const style = `
:root { color-scheme: light dark; --ink: #1b1f24; --dim: #59636e; --paper: #fff; --box: #f6f8fa; --line: #d5dae0; --bad: #b42318; --busy: #8a5300; --good: #1a7f37; --info: #0b5cad; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ed; --dim: #9aa4af; --paper: #14171b; --box: #1c2127; --line: #333a42; --bad: #ff7b72; --busy: #e3a33c; --good: #56d364; --info: #79b8ff; } }
body { font: 15px/1.45 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 76rem; margin: 1.5rem auto; padding: 0 1rem; }
header { display: flex; justify-content: space-between; align-items: center; gap: 1rem; } h1 { font-size: 1.4rem; margin: 0; } h2 { font-size: 1.15rem; margin: 1.6rem 0 .6rem; border-bottom: 1px solid var(--line); } h3 { font-size: 1rem; margin: 0; }
button { font: inherit; color: inherit; background: var(--box); border: 1px solid var(--line); border-radius: .3rem; padding: .2rem .8rem; } button:focus-visible { outline: 3px solid var(--info); }
p { margin: .3rem 0; } code { font: .92em ui-monospace, monospace; overflow-wrap: anywhere; } .dim { color: var(--dim); } .good { color: var(--good); } .busy { color: var(--busy); } .bad { color: var(--bad); }
.good, .busy, .bad { font-weight: 600; font-size: .88em; white-space: nowrap; } div.bad { white-space: normal; }
.drawing { display: flex; flex-wrap: wrap; gap: .8rem; } .network { border: 1px solid var(--line); border-top: .3rem solid var(--info); border-radius: .3rem; background: var(--box); padding: .5rem .8rem; min-width: 15rem; }
.network ul { list-style: none; margin: .3rem 0 0; padding: 0 0 0 .7rem; border-left: 2px solid var(--info); } .subnet { font-weight: 600; } .member { padding-left: 1rem; }
.scroll { overflow-x: auto; margin: .8rem 0; } table { border-collapse: collapse; width: 100%; } caption { text-align: left; color: var(--dim); padding: .2rem 0; } th, td { text-align: left; vertical-align: top; padding: .25rem .7rem .25rem 0; border-bottom: 1px solid var(--line); } tbody th { font-weight: 600; }
meter { width: 12rem; }
`;

/** Fetches the page again every three seconds and puts its main part in place, unless it is paused, hidden, or some of it is selected; without script the page reloads itself. */
export const script = `
const button = document.getElementById('pause'); let isPaused = false;
button.hidden = false;
button.addEventListener('click', () => { isPaused = !isPaused; button.setAttribute('aria-pressed', String(isPaused)); button.textContent = isPaused ? 'Go on' : 'Pause'; });
const isBusy = () => isPaused || document.hidden || !getSelection().isCollapsed;
const fill = async () => {
  if (isBusy()) return;
  try {
    const answer = await fetch('/', { cache: 'no-store' });
    const main = new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('main');
    if (main && !isBusy()) document.querySelector('main').replaceWith(main);
    document.title = document.title.replace(/^\\(lost\\) /, '');
  } catch { document.title = '(lost) ' + document.title.replace(/^\\(lost\\) /, ''); }
};
setInterval(fill, 3000);
`;
