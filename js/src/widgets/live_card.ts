import { CardView } from '../shared/card/card-view';
import { Corrector } from '../shared/card/corrector';
import type { ILiveCardState } from '../shared/wire';
import type { IRenderContext } from './anywidget';
import { Actions } from './card/actions';
import { correctionsOf } from './card/corrections';

const TICK_MS = 1000;

/** The card of a run that goes on, drawn anew for each state that comes. */
function render({ model, el }: IRenderContext<ILiveCardState>): () => void {
  const actions = new Actions(model);
  const draw = (): void => {
    actions.update();
    card.update(model.get('state'), Date.now() / 1000);
  };
  const corrector = new Corrector(correctionsOf(model), draw);
  const card = new CardView(corrector, actions.buttons, actions.form);
  el.append(card.node);
  const clock = setInterval(() => card.tick(Date.now() / 1000), TICK_MS);
  model.on('change:state', draw);
  draw();
  return () => {
    clearInterval(clock);
    card.dispose();
    model.off('change:state', draw);
  };
}

export default { render };
