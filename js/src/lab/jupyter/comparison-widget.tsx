import type { IThemeManager } from '@jupyterlab/apputils';
import { ReactWidget, UseSignal } from '@jupyterlab/ui-components';
import type { Message } from '@lumino/messaging';
import type { ISignal } from '@lumino/signaling';
import * as React from 'react';
import type { ComparisonModel } from '../model/comparison-model';
import { Pace } from '../model/pace';
import type { IRunsMoved } from '../../shared/wire';
import { ComparisonView, type DrawChart } from '../views/comparison-view';
import { runsIcon } from './icons';

const REDRAW_MS = 2000;

/** A comparison as a tab; it follows its runs while it can be seen. */
export class ComparisonWidget extends ReactWidget {
  constructor(
    id: string,
    readonly model: ComparisonModel,
    private readonly _options: {
      moved: ISignal<unknown, IRunsMoved>;
      themes: IThemeManager | null;
      drawChart: DrawChart;
      onExport(model: ComparisonModel): void;
    }
  ) {
    super();
    this.id = id;
    this.addClass('nbtrail-ComparisonPanel');
    this.node.tabIndex = -1;
    this.title.icon = runsIcon;
    this.title.closable = true;
    this.title.label = `Compare: ${model.runs.length} runs`;
    this._reload = new Pace(() => model.load(), REDRAW_MS);
    _options.moved.connect(this._onMoved, this);
    _options.themes?.themeChanged.connect(this.update, this);
    void model.load();
  }

  override dispose(): void {
    if (!this.isDisposed) {
      this._options.moved.disconnect(this._onMoved, this);
      this._options.themes?.themeChanged.disconnect(this.update, this);
      this._reload.dispose();
      super.dispose();
    }
  }

  protected override onAfterShow(msg: Message): void {
    if (this._isStale) {
      this._isStale = false;
      this._reload.ask();
    }
  }

  protected override onActivateRequest(msg: Message): void {
    this.node.focus();
  }

  protected override onCloseRequest(msg: Message): void {
    super.onCloseRequest(msg);
    this.dispose();
  }

  protected override render(): JSX.Element {
    const { model } = this;
    const { themes, drawChart, onExport } = this._options;
    return (
      <UseSignal signal={model.changed}>
        {() => (
          <ComparisonView
            state={model.state}
            theme={themes?.theme ?? null}
            drawChart={drawChart}
            onMetric={metric => model.chooseMetric(metric)}
            onBaseline={id => model.chooseBaseline(id)}
            onExport={() => onExport(model)}
            onRetry={() => void model.load()}
          />
        )}
      </UseSignal>
    );
  }

  private _onMoved(_: unknown, moved: IRunsMoved): void {
    if (!this.model.concerns(moved)) {
      return;
    }
    if (this.isVisible) {
      this._reload.ask();
    } else {
      this._isStale = true;
    }
  }

  private readonly _reload: Pace;
  private _isStale = false;
}
