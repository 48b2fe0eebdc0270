import { lazy, type ReactNode, Suspense, useEffect, useRef } from 'react';
import { NavLink, Outlet, useLocation } from 'react-router';
import { Loading } from '@/components/states';
import { AlertBell } from './alert-bell';
import { ConnectionPill } from './connection-pill';
import { ErrorBoundary } from './error-boundary';
import { KillSwitch } from './kill-switch';
import { MarketStrip } from './market-strip';
import { PAGES } from './pages';
import { Palette } from './palette';

const AccountMenu = lazy(() => import('./account-menu'));

function Navigation(): ReactNode {
  return (
    <nav className="nav" aria-label="Main">
      <ul className="nav__list">
        {PAGES.map((page) => (
          <li key={page.path}>
            <NavLink to={page.path} end={page.path === '/'} className="nav__link">
              <svg className="nav__icon" viewBox="0 0 24 24" aria-hidden="true">
                <path d={page.icon} />
              </svg>
              {page.name}
            </NavLink>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** Moves focus to the page after a change of path, as a full page load would. */
function useFocusOnChange(path: string): React.RefObject<HTMLElement | null> {
  const main = useRef<HTMLElement>(null);
  const first = useRef(true);
  useEffect(() => {
    if (first.current) {
      first.current = false;
      return;
    }
    main.current?.focus({ preventScroll: true });
    window.scrollTo(0, 0);
  }, [path]);
  return main;
}

export function Shell(): ReactNode {
  const { pathname } = useLocation();
  const main = useFocusOnChange(pathname);
  return (
    <>
      <a className="skip" href="#main">
        Skip to the page
      </a>
      <header className="bar">
        <div className="bar__inner">
          <NavLink to="/" className="brand" aria-label="Causeway, dashboard">
            <img src="/favicon.svg" alt="" width="26" height="26" />
            <span className="brand__name">Causeway</span>
          </NavLink>
          <Navigation />
          <div className="bar__tools">
            <ConnectionPill />
            <KillSwitch />
            <AlertBell />
            <Suspense fallback={<span className="button button--icon avatar" />}>
              <AccountMenu />
            </Suspense>
          </div>
        </div>
      </header>
      <MarketStrip />
      <main id="main" ref={main} tabIndex={-1} className="main">
        <ErrorBoundary resetKey={pathname}>
          <Suspense fallback={<Loading lines={8} />}>
            <Outlet />
          </Suspense>
        </ErrorBoundary>
      </main>
      <footer className="foot muted small">
        <span>Charts: TradingView Lightweight Charts™</span>
        <span>
          <kbd>?</kbd> shortcuts · <kbd>Ctrl</kbd> <kbd>K</kbd> go to
        </span>
      </footer>
      <Palette />
    </>
  );
}
