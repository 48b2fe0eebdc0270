import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { NavLink } from 'react-router';
import { unseenQuery } from '@/api/alerts';
import { count, plural } from '@/lib/format';

const MOST = 99;
const BELL = 'M6 16.5V11a6 6 0 1 1 12 0v5.5l1.5 2h-15zM10 21h4';

/** The way to the alerts, with how many are new. */
export function AlertBell(): ReactNode {
  const unseen = useQuery(unseenQuery).data ?? 0;
  return (
    <NavLink to="/alerts" className="button button--quiet button--icon bell" aria-label={unseen ? `Alerts, ${plural(unseen, 'unseen', 'unseen')}` : 'Alerts'}>
      <svg className="nav__icon" viewBox="0 0 24 24" aria-hidden="true">
        <path d={BELL} />
      </svg>
      {unseen > 0 && (
        <span className="bell__count" aria-hidden="true">
          {unseen > MOST ? `${MOST}+` : count(unseen)}
        </span>
      )}
    </NavLink>
  );
}
