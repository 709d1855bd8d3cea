type Row = Record<string, number | string>;
type Props = {
  data?: Row[] | { data: Row[] };
  axes?: { x: { field: string; label?: string }; y: { field: string; label?: string } };
  options?: { title?: string };
};

const WIDTH = 560;
const HEIGHT = 170;
const EDGE = { left: 30, right: 12, top: 10, bottom: 24 };
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', timeZone: 'UTC' });

/** A line of scores from 0 to 100 over time. */
export function LineChart({ data, axes, options }: Props) {
  const rows = Array.isArray(data) ? data : (data?.data ?? []);
  const points = rows.map((row) => ({
    at: Number(row[axes?.x.field ?? 'x']),
    value: Number(row[axes?.y.field ?? 'y']),
  }));
  const first = Math.min(...points.map((point) => point.at));
  const span = Math.max(1, Math.max(...points.map((point) => point.at)) - first);
  const x = (at: number) => EDGE.left + ((at - first) / span) * (WIDTH - EDGE.left - EDGE.right);
  const y = (value: number) => EDGE.top + (1 - value / 100) * (HEIGHT - EDGE.top - EDGE.bottom);
  const steps = points.map((point) => `${x(point.at).toFixed(1)},${y(point.value).toFixed(1)}`);
  const last = points.at(-1);
  return (
    <svg
      className="hs-chart"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label={options?.title ?? 'Chart'}
    >
      {[0, 50, 100].map((line) => (
        <g key={line}>
          <line x1={EDGE.left} x2={WIDTH - EDGE.right} y1={y(line)} y2={y(line)} />
          <text x={EDGE.left - 6} y={y(line) + 4} textAnchor="end">
            {line}
          </text>
        </g>
      ))}
      <polyline points={steps.join(' ')} />
      {points.map((point) => (
        <circle key={`${point.at}-${point.value}`} cx={x(point.at)} cy={y(point.value)} r="3.5" />
      ))}
      <text x={EDGE.left} y={HEIGHT - 6}>
        {day.format(first)}
      </text>
      {last !== undefined && (
        <text x={WIDTH - EDGE.right} y={HEIGHT - 6} textAnchor="end">
          {day.format(last.at)}
        </text>
      )}
    </svg>
  );
}
