/** The pages of the navigation. `icon` is an SVG path of 24 x 24; `key` opens the page after "g". */
export const PAGES = [
  { path: '/', name: 'Dashboard', key: 'd', icon: 'M4 4h7v9H4zM13 4h7v5h-7zM13 11h7v9h-7zM4 15h7v5H4z' },
  {
    path: '/analysis',
    name: 'Analysis',
    key: 'a',
    icon: 'M6 8.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5ZM18 14.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5ZM7 20.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5ZM8.3 7.2l7.4 3.6M9.3 17l6.4-3.8M6.2 8.6l.6 6.8',
  },
  { path: '/data', name: 'Data', key: 'm', icon: 'M4 6c0-4 16-4 16 0v12c0 4-16 4-16 0zM4 6c0 4 16 4 16 0M4 12c0 4 16 4 16 0' },
  { path: '/trading', name: 'Trading', key: 't', icon: 'M7 4v16M4 8h6v7H4zM17 4v16M14 6h6v8h-6z' },
  { path: '/portfolio', name: 'Portfolio', key: 'p', icon: 'M4 20V4M4 20h16M7 15l4-5 3 3 5-7' },
] as const;
