import type { ReactNode } from 'react';

type Props = { children?: ReactNode; testId?: string; [key: string]: unknown };
type Format = { fontWeight?: string; italic?: boolean; lineDecoration?: string };

export const id = (testId: unknown) =>
  testId === undefined ? {} : { 'data-testid': String(testId) };

export const classes = (...names: (string | false | undefined)[]) => names.filter(Boolean).join(' ');

export function Text({ children, variant, inline, format, testId }: Props) {
  const { fontWeight, italic } = (format ?? {}) as Format;
  const Element = inline ? 'span' : 'div';
  return (
    <Element
      {...id(testId)}
      className={classes(
        'hs-text',
        variant === 'microcopy' && 'hs-micro',
        fontWeight === 'bold' && 'hs-bold',
        fontWeight === 'demibold' && 'hs-demibold',
        italic && 'hs-italic',
      )}
    >
      {children}
    </Element>
  );
}

export function Heading({ children, inline, testId }: Props) {
  const Element = inline ? 'span' : 'h3';
  return (
    <Element {...id(testId)} className="hs-heading">
      {children}
    </Element>
  );
}

export function Tag({ children, variant = 'default', testId }: Props) {
  return (
    <span {...id(testId)} className={`hs-tag hs-tag-${String(variant)}`}>
      {children}
    </span>
  );
}

export function StatusTag({ children, variant = 'default', testId }: Props) {
  return (
    <span {...id(testId)} className={`hs-status hs-status-${String(variant)}`}>
      <i aria-hidden="true" />
      {children}
    </span>
  );
}
