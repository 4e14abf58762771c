const PLAIN_NAME = /^[\w.@+/-]+$/;

/** The cell that compares runs in a notebook, loading nbtrail first where the kernel has not. */
export function comparisonSource(
  names: readonly string[],
  isLoaded: boolean
): string {
  const line = `%track compare ${names.map(quoteName).join(' ')}`;
  return isLoaded ? line : `%load_ext nbtrail\n${line}`;
}

/** A run's name as one word of a `%track` line. */
export function quoteName(name: string): string {
  return PLAIN_NAME.test(name) ? name : `"${name.replace(/(["\\])/g, '\\$1')}"`;
}

/** Which tags to add and which to remove so that a run has those written in a line. */
export function tagChanges(
  before: readonly string[],
  line: string
): { add_tags: string[]; remove_tags: string[] } {
  const after = [...new Set(line.split(',').map(tag => tag.trim()))].filter(
    Boolean
  );
  return {
    add_tags: after.filter(tag => !before.includes(tag)),
    remove_tags: before.filter(tag => !after.includes(tag))
  };
}
