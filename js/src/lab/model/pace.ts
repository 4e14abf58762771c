/**
 * Does one piece of work no faster than it bears: at once when it has rested, and once more after the rest when it was
 * asked for meanwhile, so that the last thing that happened is never missed.
 */
export class Pace {
  constructor(
    private readonly _work: () => Promise<void>,
    private readonly _restMs: number
  ) {}

  ask(): void {
    if (this._isDisposed) {
      return;
    }
    if (this._isBusy) {
      this._isAskedAgain = true;
      return;
    }
    this._isBusy = true;
    void this._work().finally(() => {
      this._timer = setTimeout(() => this._wake(), this._restMs);
    });
  }

  dispose(): void {
    clearTimeout(this._timer);
    this._isDisposed = true;
  }

  private _wake(): void {
    this._isBusy = false;
    if (this._isAskedAgain) {
      this._isAskedAgain = false;
      this.ask();
    }
  }

  private _timer: ReturnType<typeof setTimeout> | undefined;
  private _isBusy = false;
  private _isDisposed = false;
  private _isAskedAgain = false;
}
