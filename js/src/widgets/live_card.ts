import type { ILiveCardState } from '../shared/wire';
import type { IRenderContext } from './anywidget';
import { Actions } from './card/actions';
import { charts, chips, heading, progressBar, remarks } from './card/body';
import { html } from './elements';

const TICK_MS = 1000;
const WIDEST_CHARTS_PX = 640;

/** The card of a run that goes on, drawn anew for each state that comes. */
function render({ model, el }: IRenderContext<ILiveCardState>): () => void {
  const actions = new Actions(model);
  const head = html('div', { class: 'nbt-head' });
  const body = html('div');
  const drawings = html('div');
  const card = html(
    'section',
    { class: 'nbt-card', 'aria-label': 'Run' },
    head,
    actions.form,
    body,
    drawings
  );
  el.append(card);

  const drawHead = (): void => {
    const now = Date.now() / 1000;
    head.replaceChildren(...heading(model.get('state'), now), actions.buttons);
  };
  const drawCharts = (): void => {
    const width = Math.min(drawings.clientWidth || 600, WIDEST_CHARTS_PX);
    replace(drawings, [charts(model.get('state'), width)]);
  };
  const draw = (): void => {
    const state = model.get('state');
    actions.update();
    drawHead();
    replace(body, [progressBar(state), chips(state), ...remarks(state)]);
    drawCharts();
  };
  const tick = setInterval(() => {
    if (model.get('state').status === 'running') {
      const when = head.querySelector('.nbt-when');
      const [, , ...rest] = heading(model.get('state'), Date.now() / 1000);
      when?.replaceWith(rest[rest.length - 1]!);
    }
  }, TICK_MS);
  const observer = new ResizeObserver(drawCharts);
  observer.observe(drawings);
  model.on('change:state', draw);
  draw();
  return () => {
    clearInterval(tick);
    observer.disconnect();
    model.off('change:state', draw);
  };
}

function replace(parent: HTMLElement, children: (Node | null)[]): void {
  parent.replaceChildren(...children.filter(child => child !== null));
}

export default { render };
