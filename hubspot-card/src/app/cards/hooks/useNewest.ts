import { useCallback, useEffect, useRef } from 'react';

type Ticket = { isNewest: () => boolean };

/**
 * Numbers requests so that a late answer never overwrites a newer one. Taking a ticket makes the
 * request the newest asked; `isNewest` is false once a later request was answered, or when the
 * record has changed or the card is gone.
 */
export function useNewest(key: string): () => Ticket {
  const state = useRef({ asked: 0, answered: 0, key });
  if (state.current.key !== key) {
    state.current = { asked: 0, answered: 0, key };
  }
  const gone = useRef(false);
  useEffect(() => {
    gone.current = false;
    return () => {
      gone.current = true;
    };
  }, []);
  return useCallback(() => {
    const mine = state.current;
    const number = ++mine.asked;
    return {
      isNewest: () => {
        if (gone.current || state.current !== mine || number < mine.answered) {
          return false;
        }
        mine.answered = number;
        return true;
      },
    };
  }, []);
}
