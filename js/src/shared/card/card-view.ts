import { html } from '../elements';
import type { ILiveCardState } from '../wire';
import { charts, heading, progressBar, remarks } from './body';
import { Chips } from './chips';
import type { Corrector } from './corrector';

const WIDEST_CHARTS_PX = 640;

/** A run's card, the same while its cell runs and in a notebook that was kept. */
export class CardView {
  readonly node: HTMLElement;

  /** `buttons` stand at the end of the heading and `form` below it, where there are any. */
  constructor(
    private readonly _corrector: Corrector,
    private readonly _buttons: HTMLElement | null = null,
    form: HTMLElement | null = null
  ) {
    this._chips = new Chips(_corrector);
    this.node = html(
      'section',
      { class: 'nbt-card', 'aria-label': 'Run' },
      this._head,
      form,
      this._progress,
      this._chips.node,
      this._remarks,
      this._drawings
    );
    this._observer = new ResizeObserver(() => this._drawCharts());
    this._observer.observe(this._drawings);
  }

  /** Draw a state with its corrections, as it is at a moment in UTC seconds. */
  update(state: ILiveCardState, now: number): void {
    const shown = (this._shown = this._corrector.apply(state));
    this._head.replaceChildren(
      ...heading(shown, now),
      ...(this._buttons ? [this._buttons] : [])
    );
    replace(this._progress, [progressBar(shown)]);
    this._chips.update(shown);
    replace(this._remarks, remarks(shown));
    this._drawCharts();
  }

  /** The clock goes on. */
  tick(now: number): void {
    if (this._shown?.status === 'running') {
      const [when] = heading(this._shown, now).slice(-1);
      this._head.querySelector('.nbt-when')?.replaceWith(when!);
    }
  }

  dispose(): void {
    this._observer.disconnect();
  }

  private _drawCharts(): void {
    if (this._shown) {
      const room = this._drawings.clientWidth || 600;
      const width = Math.min(room, WIDEST_CHARTS_PX);
      replace(this._drawings, [charts(this._shown, width)]);
    }
  }

  private readonly _head = html('div', { class: 'nbt-head' });
  private readonly _progress = html('div');
  private readonly _remarks = html('div');
  private readonly _drawings = html('div');
  private readonly _chips: Chips;
  private readonly _observer: ResizeObserver;
  private _shown: ILiveCardState | null = null;
}

function replace(parent: HTMLElement, children: (Node | null)[]): void {
  parent.replaceChildren(...children.filter(child => child !== null));
}
