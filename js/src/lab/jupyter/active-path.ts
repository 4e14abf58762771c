import type { IDefaultFileBrowser } from '@jupyterlab/filebrowser';
import type { INotebookTracker, NotebookPanel } from '@jupyterlab/notebook';
import type { Contents } from '@jupyterlab/services';
import { Signal, type ISignal } from '@lumino/signaling';

/** The notebook that is worked in, else the folder that is looked at, relative to the server's root. */
export class ActivePath {
  constructor(
    private readonly _contents: Contents.IManager,
    private readonly _notebooks: INotebookTracker | null,
    private readonly _browser: IDefaultFileBrowser | null
  ) {
    _notebooks?.currentChanged.connect(this._onNotebook, this);
    _browser?.model.pathChanged.connect(this._tell, this);
    this._onNotebook();
  }

  get changed(): ISignal<this, string> {
    return this._changed;
  }

  get value(): string {
    const notebook = this._notebook?.context.path;
    const path = notebook ?? this._browser?.model.path ?? '';
    return this._contents.localPath(path);
  }

  private _onNotebook(): void {
    this._notebook?.context.pathChanged.disconnect(this._tell, this);
    const current = this._notebooks?.currentWidget;
    this._notebook = current && !current.isDisposed ? current : null;
    this._notebook?.context.pathChanged.connect(this._tell, this);
    this._tell();
  }

  private _tell(): void {
    this._changed.emit(this.value);
  }

  private readonly _changed = new Signal<this, string>(this);
  private _notebook: NotebookPanel | null = null;
}
