import type { Alert } from './protocol';

const SHOWN_MS = 6_000;

/** HubSpot's floating alerts, announced politely. */
export function toast({ type = 'info', title, message }: Alert): void {
  const place = document.getElementById('toasts');
  if (place === null) {
    return;
  }
  const box = document.createElement('div');
  box.className = `hs-toast hs-alert-${type}`;
  box.dataset['testid'] = 'toast';
  if (title !== undefined) {
    const head = document.createElement('strong');
    head.textContent = title;
    box.append(head);
  }
  box.append(message);
  place.append(box);
  setTimeout(() => box.remove(), SHOWN_MS);
}
