/* Runs before the first paint, so that no page flashes in the wrong theme. */
(function () {
  var theme;
  try {
    theme = JSON.parse(localStorage.getItem('causeway.preferences') || '{}').theme;
  } catch {
    theme = undefined;
  }
  if (theme !== 'light' && theme !== 'dark') {
    theme = matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark';
  }
  document.documentElement.dataset.theme = theme;
})();
