import { type RefObject, useEffect } from 'react';

/** So far below the screen counts as seen: what one scrolls to should be there already. */
const ahead = '0px 0px 600px';

/** Calls once the element is (nearly) on the screen, and again whenever `wanted` becomes true while it still is. */
export function useSight(element: RefObject<HTMLElement | null>, wanted: boolean, call: () => void): void {
  useEffect(() => {
    if (!wanted || !element.current) return;
    const observer = new IntersectionObserver(
      (entries) => entries.some((each) => each.isIntersecting) && call(),
      { rootMargin: ahead },
    );
    observer.observe(element.current);
    return () => observer.disconnect();
  }, [element, wanted, call]);
}
