import type { ReactNode } from 'react';
import { id } from './text';

type Props = { children?: ReactNode; testId?: string; [key: string]: unknown };

const RADIUS = 26;
const ROUND = 2 * Math.PI * RADIUS;

/** 0-32 red, 33-65 yellow, 66-100 green, as HubSpot documents it. */
export function ScoreCircle({ score, testId }: Props) {
  const value = Math.max(0, Math.min(100, Number(score)));
  const colour = value >= 66 ? 'green' : value >= 33 ? 'yellow' : 'red';
  return (
    <div
      {...id(testId)}
      className={`hs-circle hs-${colour}`}
      role="img"
      aria-label={`Score ${value} of 100`}
    >
      <svg viewBox="0 0 64 64" aria-hidden="true">
        <circle cx="32" cy="32" r={RADIUS} className="hs-track" />
        <circle
          cx="32"
          cy="32"
          r={RADIUS}
          className="hs-arc"
          strokeDasharray={`${(value / 100) * ROUND} ${ROUND}`}
          transform="rotate(-90 32 32)"
        />
      </svg>
      <span>{value}</span>
    </div>
  );
}

export function ProgressBar(props: Props) {
  const most = Number(props['maxValue'] ?? 100);
  const value = Math.min(most, Number(props['value'] ?? 0));
  const label = String(props['aria-label'] ?? props['title'] ?? 'Progress');
  return (
    <div
      {...id(props.testId)}
      className="hs-progress"
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={most}
      aria-valuenow={value}
    >
      <div style={{ width: `${(100 * value) / most}%` }} />
    </div>
  );
}

export function LoadingSpinner({ label, showLabel, layout, testId }: Props) {
  return (
    <div
      {...id(testId)}
      className={layout === 'centered' ? 'hs-loading hs-centered' : 'hs-loading'}
      role="status"
      aria-label={String(label)}
    >
      <span className="hs-spinner" aria-hidden="true" />
      {showLabel === true && <span className="hs-micro">{String(label)}</span>}
    </div>
  );
}

export function Alert({ title, children, variant = 'info', testId }: Props) {
  const urgent = variant === 'error' || variant === 'danger';
  return (
    <div
      {...id(testId)}
      className={`hs-alert hs-alert-${String(variant)}`}
      role={urgent ? 'alert' : 'status'}
    >
      <strong>{String(title)}</strong>
      <div>{children}</div>
    </div>
  );
}

export function EmptyState({ title, children, testId }: Props) {
  return (
    <div {...id(testId)} className="hs-empty">
      <svg viewBox="0 0 48 48" aria-hidden="true">
        <circle cx="24" cy="24" r="18" />
        <circle cx="24" cy="24" r="10" />
        <circle cx="24" cy="24" r="2.5" className="hs-dot" />
      </svg>
      {title !== undefined && <h3 className="hs-heading">{String(title)}</h3>}
      {children}
    </div>
  );
}

export function ErrorState({ title, children, type, testId }: Props) {
  return (
    <div {...id(testId)} className="hs-empty hs-error" role="alert">
      <svg viewBox="0 0 48 48" aria-hidden="true">
        {type === 'lock' ? (
          <path d="M14 22h20v16H14zM18 22v-6a6 6 0 0 1 12 0v6" />
        ) : (
          <path d="M24 8 42 40H6zM24 20v9M24 34v1" />
        )}
      </svg>
      {title !== undefined && <h3 className="hs-heading">{String(title)}</h3>}
      {children}
    </div>
  );
}
