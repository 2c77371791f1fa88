import type { SavedView } from './saved-view.ts';

/** The view that a list opens with when its address says nothing. */
export function defaultView(views: readonly SavedView[]): SavedView | undefined {
  const defaults = views.filter((view) => view.isDefault);
  return defaults.find((view) => view.mine) ?? defaults.find((view) => view.shared);
}
