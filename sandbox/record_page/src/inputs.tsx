import { useEffect, useId, useState, type ReactNode } from 'react';
import { classes, id } from './text';

type Props = { children?: ReactNode; testId?: string; [key: string]: unknown };

function press(handler: unknown) {
  if (typeof handler === 'function') {
    handler({ type: 'click', bubbles: true, timeStamp: Date.now(), id: crypto.randomUUID() }, {});
  }
}

export function Button({ children, onClick, variant = 'secondary', size, disabled, testId }: Props) {
  return (
    <button
      {...id(testId)}
      type="button"
      className={classes('hs-button', `hs-${String(variant)}`, size === 'sm' && 'hs-small')}
      disabled={disabled === true}
      onClick={() => press(onClick)}
    >
      {children}
    </button>
  );
}

export function LoadingButton({ children, loading, onClick, disabled, variant, size, testId }: Props) {
  const busy = loading === true;
  return (
    <button
      {...id(testId)}
      type="button"
      className={classes(
        'hs-button',
        `hs-${String(variant ?? 'secondary')}`,
        size === 'sm' && 'hs-small',
        busy && 'hs-busy',
      )}
      aria-busy={busy}
      aria-disabled={busy}
      disabled={disabled === true}
      onClick={() => busy || press(onClick)}
    >
      {busy && <span className="hs-spinner" aria-hidden="true" />}
      {children}
    </button>
  );
}

export function Link({ children, href, testId }: Props) {
  const target = typeof href === 'string' ? href : (href as { url?: string } | undefined)?.url;
  const safe = target !== undefined && /^https?:/.test(target) ? target : '#';
  return (
    <a {...id(testId)} className="hs-link" href={safe} target="_blank" rel="noopener noreferrer">
      {children}
    </a>
  );
}

type Option = { label: string; value: string };

/** Holds its own value: a round trip through the worker for every key would lose some. */
export function Select({ label, name, options, value, onChange, testId }: Props) {
  const field = useId();
  const [chosen, setChosen] = useState(String(value ?? ''));
  useEffect(() => setChosen(String(value ?? '')), [value]);
  return (
    <div className="hs-field">
      <label htmlFor={field}>{String(label ?? '')}</label>
      <select
        {...id(testId)}
        id={field}
        name={String(name ?? '')}
        value={chosen}
        onChange={(event) => {
          setChosen(event.target.value);
          if (typeof onChange === 'function') {
            onChange(event.target.value);
          }
        }}
      >
        {((options ?? []) as Option[]).map((option) => (
          <option key={option.value} value={option.value}>
            {option.label}
          </option>
        ))}
      </select>
    </div>
  );
}

/** Holds its own value, as Select does. */
export function TextArea({ label, description, name, value, maxLength, onChange, testId }: Props) {
  const field = useId();
  const [text, setText] = useState(String(value ?? ''));
  return (
    <div className="hs-field">
      <label htmlFor={field}>{String(label ?? '')}</label>
      <textarea
        {...id(testId)}
        id={field}
        name={String(name ?? '')}
        value={text}
        rows={2}
        maxLength={Number(maxLength ?? 1000)}
        onChange={(event) => {
          setText(event.target.value);
          if (typeof onChange === 'function') {
            onChange(event.target.value);
          }
        }}
      />
      {description !== undefined && <small>{String(description)}</small>}
    </div>
  );
}
