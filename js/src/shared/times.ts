const MINUTE_S = 60;
const HOUR_S = 3600;
const DAY_S = 86400;

/** A length of time as a clock shows it: `0:42`, `1:07`, `1:01:40`. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const hours = Math.floor(whole / HOUR_S);
  const minutes = Math.floor((whole % HOUR_S) / MINUTE_S);
  const rest = String(whole % MINUTE_S).padStart(2, '0');
  return hours > 0
    ? `${hours}:${String(minutes).padStart(2, '0')}:${rest}`
    : `${minutes}:${rest}`;
}

/** How long something took: `0.76 s` while that says more than a clock, then as a clock shows it. */
export function formatTook(seconds: number): string {
  if (seconds >= 9.995) {
    return formatDuration(Math.round(seconds));
  }
  return `${seconds.toFixed(seconds < 0.01 ? 3 : 2)} s`;
}

/** How long ago something was: `now`, `12 min`, `1 h`, `Tue`, `3 Oct`, `3 Oct 2024`. Both in UTC seconds. */
export function formatAgo(then: number, now: number): string {
  const elapsed_s = Math.max(0, now - then);
  if (elapsed_s < MINUTE_S) {
    return 'now';
  }
  if (elapsed_s < HOUR_S) {
    return `${Math.floor(elapsed_s / MINUTE_S)} min`;
  }
  if (elapsed_s < DAY_S) {
    return `${Math.floor(elapsed_s / HOUR_S)} h`;
  }
  return formatDay(new Date(then * 1000), new Date(now * 1000), elapsed_s);
}

/** A moment in the reader's own time zone, to the second. */
export function formatMoment(seconds: number): string {
  return new Date(seconds * 1000).toLocaleString(undefined, {
    dateStyle: 'medium',
    timeStyle: 'medium'
  });
}

function formatDay(then: Date, now: Date, elapsed_s: number): string {
  if (elapsed_s < 6 * DAY_S) {
    return then.toLocaleDateString('en', { weekday: 'short' });
  }
  const day = `${then.getDate()} ${then.toLocaleDateString('en', { month: 'short' })}`;
  return then.getFullYear() === now.getFullYear()
    ? day
    : `${day} ${then.getFullYear()}`;
}
