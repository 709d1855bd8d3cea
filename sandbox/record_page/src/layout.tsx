import { useId, useState, type CSSProperties, type ReactNode } from 'react';
import { classes, id } from './text';

type Props = { children?: ReactNode; testId?: string; [key: string]: unknown };

const GAPS: Record<string, number> = {
  flush: 0,
  'extra-small': 4,
  xs: 4,
  small: 8,
  sm: 8,
  medium: 16,
  md: 16,
  large: 28,
  lg: 28,
  'extra-large': 40,
};

function flow(props: Props, direction: 'row' | 'column', wrap: boolean): CSSProperties {
  const justify = { start: 'flex-start', end: 'flex-end', between: 'space-between' };
  const align = { start: 'flex-start', end: 'flex-end' };
  const given = (map: Record<string, string>, key: unknown) => map[String(key)] ?? String(key);
  return {
    display: 'flex',
    flexDirection: direction,
    gap: GAPS[String(props['gap'] ?? 'flush')] ?? 0,
    flexWrap: wrap ? 'wrap' : 'nowrap',
    ...(props['justify'] ? { justifyContent: given(justify, props['justify']) } : {}),
    ...(props['align'] ? { alignItems: given(align, props['align']) } : {}),
  };
}

export function Flex(props: Props) {
  const direction = props['direction'] === 'column' ? 'column' : 'row';
  const wrap = props['wrap'] === true || props['wrap'] === 'wrap';
  return (
    <div {...id(props.testId)} className={`hs-flex hs-${direction}`} style={flow(props, direction, wrap)}>
      {props.children}
    </div>
  );
}

export function Inline(props: Props) {
  return (
    <div {...id(props.testId)} className="hs-inline" style={flow(props, 'row', true)}>
      {props.children}
    </div>
  );
}

export function Box({ children, testId, flex }: Props) {
  return (
    <div {...id(testId)} style={{ flex: Number(flex ?? 0) || undefined }}>
      {children}
    </div>
  );
}

export function Tile({ children, compact, flush, testId }: Props) {
  return (
    <div {...id(testId)} className={classes('hs-tile', !!compact && 'hs-compact', !!flush && 'hs-flush')}>
      {children}
    </div>
  );
}

export function Divider() {
  return <hr className="hs-divider" />;
}

export function Accordion({ title, children, defaultOpen, size, testId }: Props) {
  const [open, setOpen] = useState(defaultOpen === true);
  const panel = useId();
  return (
    <div {...id(testId)} className={classes('hs-accordion', size === 'sm' && 'hs-small')}>
      <button
        type="button"
        aria-expanded={open}
        aria-controls={panel}
        onClick={() => setOpen(!open)}
      >
        <span aria-hidden="true" className={classes('hs-chevron', open && 'hs-open')} />
        {String(title)}
      </button>
      <div id={panel} hidden={!open} className="hs-panel">
        {children}
      </div>
    </div>
  );
}

export function DescriptionList({ children, testId }: Props) {
  return (
    <dl {...id(testId)} className="hs-descriptions">
      {children}
    </dl>
  );
}

export function DescriptionListItem({ label, children }: Props) {
  return (
    <>
      <dt>{String(label)}</dt>
      <dd>{children}</dd>
    </>
  );
}

const cell = (Element: 'td' | 'th') =>
  function Cell({ children, align, width, testId }: Props) {
    return (
      <Element
        {...id(testId)}
        {...(Element === 'th' ? { scope: 'col' } : {})}
        style={{
          textAlign: (align as 'left' | 'right' | undefined) ?? 'left',
          ...(width === 'min' ? { width: 1, whiteSpace: 'nowrap' } : {}),
        }}
      >
        {children}
      </Element>
    );
  };

export const TableCell = cell('td');
export const TableHeader = cell('th');
export const TableHead = ({ children }: Props) => <thead>{children}</thead>;
export const TableBody = ({ children }: Props) => <tbody>{children}</tbody>;
export const TableRow = ({ children }: Props) => <tr>{children}</tr>;
export function Table({ children, density, testId }: Props) {
  return (
    <div className="hs-scroll">
      <table {...id(testId)} className={classes('hs-table', density === 'condensed' && 'hs-condensed')}>
        {children}
      </table>
    </div>
  );
}
