import type { ICardEntry, IKeptCard } from '../../shared/wire';

/** The kind of output that holds a card. */
export const CARD_MIME = 'application/vnd.nbtrail.card+json';

/** A card in the forms that a notebook keeps it in. */
export type CardBundle = Record<string, unknown>;

/** The card in a bundle; null where another version wrote something else. */
export function cardOf(bundle: CardBundle): IKeptCard | null {
  const card = bundle[CARD_MIME] as Partial<IKeptCard> | undefined;
  const lists = [
    card?.params,
    card?.metrics,
    card?.proposed,
    card?.curves,
    card?.tags
  ];
  const isWhole =
    typeof card?.run_id === 'string' && lists.every(Array.isArray);
  return isWhole ? (card as IKeptCard) : null;
}

/** A bundle that shows another state of its card: for those who see the saved notebook without this extension too. */
export function withCard(
  bundle: CardBundle,
  before: IKeptCard,
  after: IKeptCard
): CardBundle {
  const changed: CardBundle = { ...bundle, [CARD_MIME]: after };
  const { 'text/html': html, 'text/plain': text } = bundle;
  if (typeof html === 'string') {
    changed['text/html'] = correctHtml(html, after);
  }
  if (typeof text === 'string') {
    changed['text/plain'] = correctText(text, before, after);
  }
  return changed;
}

function correctHtml(text: string, after: IKeptCard): string {
  const { body } = new DOMParser().parseFromString(text, 'text/html');
  const has = (kind: string, name: string): boolean =>
    entriesOf(after, kind).some(entry => entry.name === name);
  const taken = body.querySelector('[data-chips=taken]');
  body.querySelectorAll<HTMLElement>('[data-kind][data-name]').forEach(chip => {
    const { kind = '', name = '' } = chip.dataset;
    if (has(kind, name)) {
      return;
    }
    if (kind === 'proposed' && has('metric', name)) {
      chip.dataset.kind = 'metric';
      chip.style.opacity = '';
      chip.style.borderStyle = 'dashed';
      chip.title = `metric ${name}, inferred: taken by hand`;
      taken?.append(chip, ' ');
    } else {
      chip.remove();
    }
  });
  const maybe = body.querySelector('[data-chips=proposed]');
  if (maybe && !maybe.querySelector('[data-kind]')) {
    maybe.remove();
  }
  return body.innerHTML;
}

/** The values of the line stand between dots, as `lr=0.09`. */
function correctText(
  text: string,
  before: IKeptCard,
  after: IKeptCard
): string {
  const write = ({ name, value }: ICardEntry): string => `${name}=${value}`;
  const valuesOf = (card: IKeptCard): string[] =>
    [...card.params, ...card.metrics].map(write);
  const [was, is] = [valuesOf(before), valuesOf(after)];
  const parts = text.split(' · ').filter(part => !was.includes(part));
  const place = text.split(' · ').findIndex(part => was.includes(part));
  parts.splice(place < 0 ? parts.length : place, 0, ...is);
  return parts.join(' · ');
}

function entriesOf(card: IKeptCard, kind: string): readonly { name: string }[] {
  return kind === 'param'
    ? card.params
    : kind === 'metric'
      ? card.metrics
      : card.proposed;
}
