/** The record page's own forms: saved without leaving the page, so that cards live on. */

type Listener = (properties: Record<string, string>) => void;

const listeners = new Set<Listener>();

export function onUpdate(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Draws what the server says anew, apart from the cards. */
export async function refresh(): Promise<void> {
  replaceParts(await (await fetch(location.href)).text());
}

export function enhance(): void {
  document.addEventListener('submit', (event) => {
    const form = event.target as HTMLFormElement;
    if (form.dataset['enhanced'] === undefined) {
      return;
    }
    event.preventDefault();
    void save(form);
  });
}

async function save(form: HTMLFormElement): Promise<void> {
  const values = new FormData(form);
  const answer = await fetch(form.action, { method: 'POST', body: new URLSearchParams(values as never) });
  replaceParts(await answer.text());
  if (answer.ok && form.dataset['enhanced'] === 'properties') {
    const properties = Object.fromEntries([...values].map(([name, value]) => [name, String(value)]));
    listeners.forEach((listener) => listener(properties));
  }
}

function replaceParts(html: string): void {
  const fresh = new DOMParser().parseFromString(html, 'text/html');
  for (const part of document.querySelectorAll<HTMLElement>('[data-part]')) {
    const next = fresh.querySelector(`[data-part="${part.dataset['part']}"]`);
    const wasOpen = part instanceof HTMLDetailsElement && part.open;
    if (next !== null && !part.contains(document.activeElement?.closest('dialog') ?? null)) {
      part.replaceWith(next);
      if (wasOpen) {
        next.setAttribute('open', '');
      }
    }
  }
}
