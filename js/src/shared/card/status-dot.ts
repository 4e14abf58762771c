import { STATUS_TITLES } from '../statuses';
import type { RunStatus } from '../wire';
import { html } from '../elements';

export function statusDot(status: RunStatus): HTMLElement {
  return html('span', {
    class: 'nbt-dot',
    'data-status': status,
    role: 'img',
    'aria-label': status,
    title: STATUS_TITLES[status]
  });
}
