import type { INotebookTracker } from '@jupyterlab/notebook';
import type { IRenderMime } from '@jupyterlab/rendermime';
import type { Contents } from '@jupyterlab/services';
import { JSONExt, type PartialJSONObject } from '@lumino/coreutils';
import { Widget } from '@lumino/widgets';
import type { RunsApi } from '../api/runs-api';
import { CardView } from '../../shared/card/card-view';
import { Corrector } from '../../shared/card/corrector';
import { CARD_MIME, cardOf, withCard, type CardBundle } from './card-bundle';

/** Before text/html, which is there for front ends that know nothing of nbtrail. */
export const CARD_RANK = 40;

/** Where a card stands: the path of its notebook. */
export type PathOf = (card: Widget) => string;

/** What draws the cards of notebooks. It runs nothing of what a notebook holds, so it serves untrusted ones too. */
export function cardFactory(
  api: RunsApi,
  pathOf: PathOf
): IRenderMime.IRendererFactory {
  return {
    safe: true,
    mimeTypes: [CARD_MIME],
    createRenderer: () => new CardRenderer(api, pathOf)
  };
}

/** The path of the notebook that holds a widget, relative to the server's root; `otherwise` where none does. */
export function notebookPaths(
  notebooks: INotebookTracker | null,
  contents: Contents.IManager,
  otherwise: () => string
): PathOf {
  return widget => {
    const panel = notebooks?.find(({ node }) => node.contains(widget.node));
    return panel ? contents.localPath(panel.context.path) : otherwise();
  };
}

/** The card of a run as a notebook keeps it, with the corrections that its user makes. */
export class CardRenderer extends Widget implements IRenderMime.IRenderer {
  constructor(
    private readonly _api: RunsApi,
    private readonly _pathOf: PathOf
  ) {
    super();
    this.addClass('nbtrail-Card');
    this._corrector = new Corrector(
      async edit => {
        const id = cardOf(this._kept)?.run_id ?? '';
        await this._api.edit(this._pathOf(this), id, edit);
        return 'done';
      },
      () => this._correct()
    );
    this._view = new CardView(this._corrector);
  }

  async renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    this._model = model;
    const bundle = model.data as CardBundle;
    const card = cardOf(bundle);
    if (!card) {
      this.node.textContent = String(bundle['text/plain'] ?? '');
      return;
    }
    if (!isSame(bundle, this._written)) {
      this._kept = bundle;
      this._written = bundle;
      this._corrector.heed(card);
    }
    if (!this._view.node.isConnected) {
      this.node.replaceChildren(this._view.node);
    }
    this._draw();
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this._view.dispose();
      super.dispose();
    }
  }

  /** A correction began, was done, or failed. */
  private _correct(): void {
    if (this.isDisposed) {
      return;
    }
    this._draw();
    this._write();
  }

  private _draw(): void {
    const card = cardOf(this._kept);
    if (card) {
      this._view.update(card, card.painted);
    }
  }

  /** Keep in the notebook what the card shows. */
  private _write(): void {
    const card = cardOf(this._kept);
    if (!card) {
      return;
    }
    const corrected = withCard(this._kept, card, this._corrector.apply(card));
    if (!isSame(corrected, this._written)) {
      this._written = corrected;
      this._model?.setData({ data: corrected as PartialJSONObject });
    }
  }

  private readonly _corrector: Corrector;
  private readonly _view: CardView;
  private _model: IRenderMime.IMimeModel | null = null;
  /** What the kernel painted. */
  private _kept: CardBundle = {};
  /** What the notebook holds. */
  private _written: CardBundle = {};
}

function isSame(one: CardBundle, other: CardBundle): boolean {
  return JSONExt.deepEqual(
    (one[CARD_MIME] ?? null) as PartialJSONObject,
    (other[CARD_MIME] ?? null) as PartialJSONObject
  );
}
