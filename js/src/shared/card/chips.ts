import { html } from '../elements';
import type { ICardEntry, ILiveCardState, IProposed } from '../wire';
import type { Corrector } from './corrector';

type Kind = 'param' | 'metric' | 'proposed';

/**
 * Params, metrics and what may be one, each saying on hover how it came to be here and, where it was inferred, with a
 * button that leaves it out. Chips outlive redraws, so that a click or the focus on one is not lost.
 */
export class Chips {
  readonly node = html('div');

  constructor(private readonly _corrector: Corrector) {
    this._proposed.append(html('span', { class: 'nbt-lead' }, 'maybe'));
    this.node.append(this._taken, this._proposed, this._said);
    keepOwnKeys(this.node);
  }

  update(state: ILiveCardState): void {
    const { params, metrics, proposed } = state;
    const isGone = new Set(this._chips.keys());
    const find = (kind: Kind, entry: ICardEntry | IProposed): Chip => {
      const key = `${kind} ${entry.name}`;
      isGone.delete(key);
      const chip = this._chips.get(key) ?? this._make(kind, entry.name);
      this._chips.set(key, chip);
      chip.update(entry);
      return chip;
    };
    const taken = [
      ...params.map(entry => find('param', entry)),
      ...metrics.map(entry => find('metric', entry))
    ];
    const maybe = proposed.map(entry => find('proposed', entry));
    isGone.forEach(key => {
      this._chips.get(key)?.node.remove();
      this._chips.delete(key);
    });
    arrange(this._taken, taken, 0);
    arrange(this._proposed, maybe, 1);
    this._taken.hidden = taken.length === 0;
    this._proposed.hidden = maybe.length === 0;
    this._say();
    this._moveFocus();
  }

  private _make(kind: Kind, name: string): Chip {
    return new Chip(kind, name, {
      leaveOut: () => void this._corrector.ignore(name),
      take: entry => void this._corrector.take(entry),
      focusNext: () => (this._focusNext = name)
    });
  }

  /** What was left out and can be brought back, and what went wrong. */
  private _say(): void {
    const { leftOut, said } = this._corrector;
    const key = JSON.stringify([leftOut, said]);
    if (key === this._saidKey) {
      return;
    }
    this._saidKey = key;
    const undo = leftOut.map(name =>
      html(
        'span',
        { 'data-name': name },
        `${name} is left out · `,
        this._button('undo', `undo: take ${name} again`, isByKey => {
          this._focusNext = isByKey ? name : null;
          void this._corrector.restore(name);
        })
      )
    );
    this._said.replaceChildren(...undo, ...(said ? [said] : []));
  }

  private _button(
    label: string,
    name: string,
    onClick: (isByKey: boolean) => void
  ): HTMLButtonElement {
    return button('nbt-undo', label, name, onClick);
  }

  /** What was pressed by a key may be gone: go on at the same name. */
  private _moveFocus(): void {
    const name = this._focusNext;
    if (name === null) {
      return;
    }
    this._focusNext = null;
    [...this.node.querySelectorAll<HTMLElement>('[data-name]')]
      .find(({ dataset }) => dataset.name === name)
      ?.querySelector('button')
      ?.focus();
  }

  private readonly _taken = html('div', { class: 'nbt-chips' });
  private readonly _proposed = html('div', { class: 'nbt-chips' });
  private readonly _said = html('div', { class: 'nbt-said', role: 'status' });
  private readonly _chips = new Map<string, Chip>();
  private _saidKey = '[[],""]';
  private _focusNext: string | null = null;
}

interface IChipActions {
  leaveOut(): void;
  take(entry: IProposed): void;
  /** The chip was pressed by a key. */
  focusNext(): void;
}

/** One value. */
class Chip {
  readonly node: HTMLElement;

  constructor(
    private readonly _kind: Kind,
    private readonly _name: string,
    actions: IChipActions
  ) {
    const act =
      (action: () => void) =>
      (isByKey: boolean): void => {
        if (isByKey) {
          actions.focusNext();
        }
        action();
      };
    this._text =
      _kind === 'proposed'
        ? button('nbt-take', '', `take ${_name} as a metric`, isByKey => {
            const entry = this._entry as IProposed;
            act(() => actions.take(entry))(isByKey);
          })
        : html('span', { class: 'nbt-chip-text' });
    const label =
      _kind === 'proposed'
        ? `don’t propose ${_name}`
        : `leave out ${_name} from here on`;
    this._leave = button('nbt-leave', '', label, act(actions.leaveOut));
    this._leave.title = label;
    const attributes = { class: 'nbt-chip', 'data-kind': _kind };
    this.node = html('span', attributes, this._text, this._leave);
    this.node.dataset.name = _name;
  }

  update(entry: ICardEntry | IProposed): void {
    const key = JSON.stringify(entry);
    if (key === this._key) {
      return;
    }
    this._key = key;
    this._entry = entry;
    const { value, reason } = entry;
    const text = `${this._name} ${value}`;
    if ('origin' in entry) {
      const { origin } = entry;
      this._text.textContent = text;
      this.node.dataset.origin = origin;
      this.node.title = `${this._kind} ${this._name}, ${origin}${reason ? `: ${reason}` : ''}`;
      this._leave.hidden = origin !== 'inferred';
    } else {
      this._text.textContent = `+ ${text}`;
      this.node.title = `${this._name} may be a metric: ${reason}`;
    }
  }

  private readonly _text: HTMLElement;
  private readonly _leave: HTMLButtonElement;
  private _entry: ICardEntry | IProposed | null = null;
  private _key = '';
}

/** Chips in this order, after so many other children; what stands in its place is not moved, and keeps the focus. */
function arrange(
  row: HTMLElement,
  chips: readonly Chip[],
  after: number
): void {
  chips.forEach(({ node }, index) => {
    const there = row.children[after + index] ?? null;
    if (there !== node) {
      row.insertBefore(node, there);
    }
  });
}

/**
 * Enter and Tab on a button are the button's, though JupyterLab knows them as keys of the notebook. It takes no key at
 * all from below the attribute, so the others, such as the one that saves, are said again from above it.
 */
function keepOwnKeys(node: HTMLElement): void {
  node.setAttribute('data-lm-suppress-shortcuts', 'true');
  node.addEventListener('keydown', event => {
    const isModified = event.ctrlKey || event.metaKey || event.altKey;
    const isOwn = event.key === 'Tab' || isPress(event);
    if (isModified || !isOwn) {
      event.stopPropagation();
      const again = new KeyboardEvent(event.type, event);
      if (!(node.parentElement?.dispatchEvent(again) ?? true)) {
        event.preventDefault();
      }
    }
  });
}

function isPress({ key, shiftKey }: KeyboardEvent): boolean {
  return !shiftKey && (key === 'Enter' || key === ' ');
}

/** A button that leaves the focus where it is when it is pressed by a mouse, so that the notebook's keys go on working. */
function button(
  kind: string,
  label: string,
  name: string,
  onClick: (isByKey: boolean) => void
): HTMLButtonElement {
  const attributes = { type: 'button', class: kind, 'aria-label': name };
  const element = html('button', attributes, label);
  element.addEventListener('mousedown', event => event.preventDefault());
  element.addEventListener('click', event => onClick(event.detail === 0));
  return element;
}
