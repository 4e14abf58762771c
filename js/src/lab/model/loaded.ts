import { Signal, type ISignal } from '@lumino/signaling';
import { Problem } from '../api/problem';

/** Something that is asked for, shown, and asked for again; what came last stays while the next is on its way. */
export class Loaded<T> {
  constructor(private readonly _ask: () => Promise<T>) {}

  get changed(): ISignal<this, void> {
    return this._changed;
  }

  get value(): T | null {
    return this._value;
  }

  get problem(): Problem | null {
    return this._problem;
  }

  get loading(): boolean {
    return this._pending > 0;
  }

  /** Settles when the answer has come, and never rejects. */
  async load(): Promise<void> {
    const turn = ++this._turn;
    this._pending += 1;
    this._changed.emit();
    try {
      const value = await this._ask();
      if (turn === this._turn) {
        this._value = value;
        this._problem = null;
      }
    } catch (thrown) {
      if (turn === this._turn) {
        this._problem = Problem.from(thrown);
      }
    } finally {
      this._pending -= 1;
      this._changed.emit();
    }
  }

  private readonly _changed = new Signal<this, void>(this);
  private _turn = 0;
  private _pending = 0;
  private _value: T | null = null;
  private _problem: Problem | null = null;
}
