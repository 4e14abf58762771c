import type { ILiveCardState } from '../../shared/wire';
import type { IWidgetModel } from '../anywidget';
import { html } from '../../shared/elements';
import { interruptKernel } from './interrupt';

type Asking = 'tag' | 'note';

/** The buttons of a card. They outlive its redraws, so that what is being typed stays. */
export class Actions {
  readonly buttons: HTMLElement;
  readonly form: HTMLFormElement;

  constructor(private readonly _model: IWidgetModel<ILiveCardState>) {
    this._input = html('input', { type: 'text', class: 'nbt-input' });
    this._said = html('div', { class: 'nbt-said', role: 'status' });
    this.form = html('form', { class: 'nbt-form' }, this._input, this._said);
    this.form.addEventListener('submit', event => {
      event.preventDefault();
      this._submit();
    });
    this._input.addEventListener('keydown', event => {
      // The notebook has keys of its own for most letters.
      event.stopPropagation();
      if (event.key === 'Escape') {
        this._close();
      }
    });
    this._stop = button('stop', () => void this._askStop());
    this.buttons = html(
      'span',
      { class: 'nbt-actions' },
      button('tag', () => this._open('tag')),
      button('note', () => this._open('note')),
      this._stop
    );
    this._close();
    this.update();
  }

  /** Fit to the newest state: no stop without a run that goes on, no waiting for what has come. */
  update(): void {
    const state = this._model.get('state');
    this._stop.hidden = state.status !== 'running';
    if (this._waitsFor && this._waitsFor(state)) {
      this._waitsFor = null;
      this._say('');
    }
  }

  private _open(asking: Asking): void {
    this._asking = asking;
    this._input.hidden = false;
    this._input.placeholder =
      asking === 'tag' ? 'A tag, then Enter' : 'A note, then Enter';
    this._input.setAttribute('aria-label', asking);
    this._input.value = asking === 'note' ? this._model.get('state').note : '';
    this._input.focus();
  }

  private _close(): void {
    this._input.hidden = true;
    this._input.value = '';
  }

  private _submit(): void {
    const text = this._input.value.trim();
    const asking = this._asking;
    this._close();
    if (asking === 'tag' && !text) {
      return;
    }
    this._model.send({ action: asking, text });
    if (isBusy(this._model.get('state'))) {
      this._say(`The ${asking} is saved when the cell ends.`);
      this._waitsFor = state =>
        asking === 'tag' ? state.tags.includes(text) : state.note === text;
    }
  }

  private async _askStop(): Promise<void> {
    const state = this._model.get('state');
    this._say('Stopping…');
    this._waitsFor = ({ status }) => status !== 'running';
    this._model.send({ action: 'stop' });
    if (isBusy(state) && !(await interruptKernel(state.kernel_id))) {
      this._say('The run stops when the cell ends.');
    }
  }

  private _say(text: string): void {
    this._said.textContent = text;
  }

  private readonly _input: HTMLInputElement;
  private readonly _said: HTMLElement;
  private readonly _stop: HTMLButtonElement;
  private _asking: Asking = 'tag';
  private _waitsFor: ((state: ILiveCardState) => boolean) | null = null;
}

/** While a cell runs, Jupyter keeps messages to the kernel back until it ends. */
function isBusy(state: ILiveCardState): boolean {
  return state.status === 'running' && state.cell !== null;
}

function button(label: string, onClick: () => void): HTMLButtonElement {
  const element = html(
    'button',
    { type: 'button', class: 'nbt-action' },
    label
  );
  element.addEventListener('click', onClick);
  return element;
}
