import type { ILiveCardState, IProposed, IRunEdit } from '../wire';

/** Passes a correction on; `later` where it is heard only when the cell has ended. Throws what went wrong. */
export type SendCorrection = (edit: IRunEdit) => Promise<'done' | 'later'>;

/** What a user corrects on one card. It shows at once, and is taken back where it cannot be passed on. */
export class Corrector {
  constructor(
    private readonly _send: SendCorrection,
    private readonly _onChange: () => void
  ) {}

  /** What went wrong, or when it will be done; empty where there is nothing to say. */
  said = '';

  /** Names that were left out here, and can be brought back. */
  get leftOut(): readonly string[] {
    return [...this._ignored].filter(name => !this._later.has(name));
  }

  /** The state as it is after the corrections. */
  apply<State extends ILiveCardState>(state: State): State {
    const isLeft = (entry: { name: string; origin?: string }): boolean =>
      !this._ignored.has(entry.name) ||
      (entry.origin !== undefined && entry.origin !== 'inferred');
    const metrics = [...state.metrics.filter(isLeft), ...this._new(state)];
    const gone = state.metrics.filter(entry => !isLeft(entry));
    return {
      ...state,
      params: state.params.filter(isLeft),
      metrics,
      proposed: state.proposed.filter(
        entry => isLeft(entry) && !this._taken.has(entry.name)
      ),
      curves: state.curves.filter(
        ({ metric }) => !gone.some(({ name }) => name === metric)
      )
    };
  }

  /** Painted anew by a kernel that follows the corrections: a name that it shows all the same counts. */
  heed(state: ILiveCardState): void {
    const { params, metrics, proposed } = state;
    [...params, ...metrics, ...proposed].forEach(({ name }) => {
      this._ignored.delete(name);
    });
  }

  ignore(name: string): Promise<void> {
    const isTaken = this._taken.delete(name);
    this._ignored.add(name);
    return this._pass(name, { ignore: [name] }, () => {
      this._ignored.delete(name);
      if (isTaken) {
        this._taken.add(name);
      }
    });
  }

  restore(name: string): Promise<void> {
    this._ignored.delete(name);
    return this._pass(name, { restore: [name] }, () => this._ignored.add(name));
  }

  take({ name, number }: IProposed): Promise<void> {
    this._taken.add(name);
    const edit = { take: { [name]: number } };
    return this._pass(name, edit, () => this._taken.delete(name));
  }

  /** One after the other: an undo must not overtake what it undoes. */
  private _pass(
    name: string,
    edit: IRunEdit,
    takeBack: () => void
  ): Promise<void> {
    this.said = '';
    this._onChange();
    const pass = async (): Promise<void> => {
      try {
        if ((await this._send(edit)) === 'later') {
          this._later.add(name);
          const what = edit.ignore ? 'left out' : 'taken';
          this.said = `${name} is ${what} when the cell ends.`;
        }
      } catch (thrown) {
        takeBack();
        const why = thrown instanceof Error ? thrown.message : String(thrown);
        this.said = `Nothing was changed: ${why}`;
      }
      this._onChange();
    };
    this._last = this._last.then(pass);
    return this._last;
  }

  private _new({
    metrics,
    proposed
  }: ILiveCardState): ILiveCardState['metrics'] {
    const has = new Set(metrics.map(({ name }) => name));
    return proposed
      .filter(({ name }) => this._taken.has(name) && !has.has(name))
      .map(({ name, value }) => ({
        name,
        value,
        origin: 'inferred',
        reason: 'taken by hand'
      }));
  }

  private readonly _ignored = new Set<string>();
  private readonly _taken = new Set<string>();
  private readonly _later = new Set<string>();
  private _last: Promise<void> = Promise.resolve();
}
