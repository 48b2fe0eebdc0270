import { Fragment, type ReactNode } from 'react';
import { classNames } from '@/lib/class-names';

export interface Column<Row> {
  readonly key: string;
  readonly header: string;
  readonly cell: (row: Row) => ReactNode;
  readonly number?: boolean;
  readonly sortable?: boolean;
}

export interface Sort {
  readonly key: string;
  readonly descending: boolean;
}

interface DataTableProps<Row> {
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row) => string;
  readonly sort?: Sort;
  readonly onSort?: (sort: Sort) => void;
  readonly current?: string | null;
  readonly tall?: boolean;
  /** What an opened row shows below it, across all columns; null while it is closed. */
  readonly detail?: (row: Row) => ReactNode;
  /** Less room between columns, where many stand in half a page. */
  readonly dense?: boolean;
}

const ALIGN = (number: boolean | undefined): string | undefined => (number ? 'number' : undefined);

function Header<Row>({ column, sort, onSort }: { readonly column: Column<Row>; readonly sort: Sort | undefined; readonly onSort: ((sort: Sort) => void) | undefined }): ReactNode {
  if (!column.sortable || !onSort) {
    return (
      <th scope="col" role="columnheader" className={ALIGN(column.number)}>
        {column.header}
      </th>
    );
  }
  const active = sort?.key === column.key;
  const descending = active && sort.descending;
  return (
    <th scope="col" role="columnheader" className={ALIGN(column.number)} aria-sort={active ? (descending ? 'descending' : 'ascending') : 'none'}>
      <button type="button" className="table__sort" onClick={() => onSort({ key: column.key, descending: active ? !descending : false })}>
        {column.header}
        <span aria-hidden="true">{active ? (descending ? '▾' : '▴') : '↕'}</span>
      </button>
    </th>
  );
}

function DetailRow({ span, children }: { readonly span: number; readonly children: ReactNode }): ReactNode {
  if (children == null) return null;
  return (
    <tr role="row" className="table__detail">
      <td role="cell" colSpan={span}>
        {children}
      </td>
    </tr>
  );
}

/** A table that becomes cards on a narrow screen. Explicit roles keep it a table there. */
export function DataTable<Row>({ caption, columns, rows, rowKey, sort, onSort, current, tall, dense, detail }: DataTableProps<Row>): ReactNode {
  return (
    <div className={classNames('table__scroll', tall && 'table__scroll--tall')} {...(tall ? { tabIndex: 0, role: 'region', 'aria-label': `${caption}, scrollable` } : {})}>
      <table className={classNames('table', dense && 'table--dense')} role="table">
        <caption className="visually-hidden">{caption}</caption>
        <thead role="rowgroup">
          <tr role="row">
            {columns.map((column) => (
              <Header key={column.key} column={column} sort={sort} onSort={onSort} />
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {rows.map((row) => (
            <Fragment key={rowKey(row)}>
              <tr role="row" aria-current={current === rowKey(row) ? 'true' : undefined}>
                {columns.map((column) => (
                  <td key={column.key} role="cell" data-label={column.header} className={ALIGN(column.number)}>
                    {column.cell(row)}
                  </td>
                ))}
              </tr>
              <DetailRow span={columns.length}>{detail?.(row)}</DetailRow>
            </Fragment>
          ))}
        </tbody>
      </table>
    </div>
  );
}
