'use strict';
(() => {
  const data = JSON.parse(document.getElementById('data').textContent);

  // Okabe and Ito's colours, which stay apart for colour-blind readers, without those too pale for white or too dark for black.
  // Point shapes repeat with another period, so that a colour that comes again has another shape.
  const COLOURS = {
    light: ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#b07d00', '#3f8fc4', '#6a6a6a'],
    dark: ['#4ea8e0', '#f0813a', '#2cc79b', '#e19cc4', '#e6b422', '#93d0f5', '#b5b5b5'],
  };
  const SHAPES = ['circle', 'rect', 'triangle', 'rectRot', 'star', 'crossRot'];

  const root = document.documentElement;
  const css = name => getComputedStyle(root).getPropertyValue(name).trim();
  const axisName = data.axis.name[0].toUpperCase() + data.axis.name.slice(1);
  const unique = values => [...new Set(values)];
  // Places of the axis by their values, in rising order. Places of the same value share a text.
  function places(list) {
    const texts = new Map();
    list.forEach(({ value, text }) => texts.set(value, unique([...(texts.get(value) || []), text])));
    return [...texts].sort((a, b) => a[0] - b[0]).map(([value, same]) => ({ value, text: same.join(', ') }));
  }

  function significant(value) {
    if (value === null || value === undefined) return '-';
    const size = Math.abs(value);
    if (size !== 0 && (size < 1e-3 || size >= 1e6)) return value.toExponential(2);
    return size >= 1000 ? value.toFixed(0) : String(Number(value.toPrecision(5)));
  }

  function interval(point) {
    return point.low === undefined ? '' : ` (95 %: ${significant(point.low)} to ${significant(point.high)})`;
  }

  function lineStyle(run, shown = data.runs.indexOf(run)) {
    const palette = COLOURS[root.dataset.theme];
    const colour = palette[shown % palette.length];
    return {
      borderColor: colour, backgroundColor: colour, borderWidth: 2, pointStyle: SHAPES[shown % SHAPES.length],
      pointRadius: 4, pointHoverRadius: 6, tension: 0, spanGaps: true, clip: 8,
    };
  }

  // A light band through the 95 % intervals of each line, and a bar at each measured point.
  const intervalBands = {
    id: 'intervalBands',
    beforeDatasetsDraw(chart) {
      const { ctx, chartArea: area, scales: { x, y } } = chart;
      ctx.save();
      ctx.beginPath();
      ctx.rect(area.left, area.top, area.width, area.height);
      ctx.clip();
      chart.data.datasets.forEach((dataset, i) => {
        if (!chart.isDatasetVisible(i)) return;
        const ends = dataset.data.filter(point => point.low !== undefined)
          .map(point => ({ x: x.getPixelForValue(point.x), low: y.getPixelForValue(point.low), high: y.getPixelForValue(point.high) }));
        if (ends.length === 0) return;
        ctx.beginPath();
        ends.forEach(end => ctx.lineTo(end.x, end.high));
        [...ends].reverse().forEach(end => ctx.lineTo(end.x, end.low));
        ctx.fillStyle = dataset.borderColor + '26';
        ctx.fill();
        ctx.beginPath();
        ends.forEach(end => {
          ctx.moveTo(end.x, end.low);
          ctx.lineTo(end.x, end.high);
          [end.low, end.high].forEach(height => {
            ctx.moveTo(end.x - 4, height);
            ctx.lineTo(end.x + 4, height);
          });
        });
        ctx.strokeStyle = dataset.borderColor;
        ctx.lineWidth = 1.5;
        ctx.stroke();
      });
      ctx.restore();
    },
  };

  // Vertical lines where runs were trained, each with its text at the top.
  const trainingMarks = {
    id: 'trainingMarks',
    afterDatasetsDraw(chart, args, options) {
      const { ctx, chartArea: area, scales } = chart;
      (options.points || []).forEach((point, i) => {
        const x = scales.x.getPixelForValue(point.value);
        if (x < area.left - 1 || x > area.right + 1) return;
        ctx.save();
        ctx.strokeStyle = css('--faint');
        ctx.setLineDash([5, 4]);
        ctx.beginPath();
        ctx.moveTo(x, area.top);
        ctx.lineTo(x, area.bottom);
        ctx.stroke();
        ctx.fillStyle = css('--faint');
        ctx.font = '12px ' + getComputedStyle(document.body).fontFamily;
        const text = 'trained at ' + point.text;
        const fits = x + 6 + ctx.measureText(text).width <= area.right;
        ctx.textAlign = fits ? 'left' : 'right';
        ctx.textBaseline = 'top';
        ctx.fillText(text, x + (fits ? 6 : -6), area.top + 4 + 15 * i);
        ctx.restore();
      });
    },
  };

  /** 1, 2, 5 times powers of ten in [min, max], or only the powers where that would be many. */
  function decimalTicks(min, max) {
    const steps = max / min > 1e4 ? [1] : max / min > 100 ? [1, 3] : [1, 1.5, 2, 3, 5, 7];
    const ticks = [];
    for (let e = Math.floor(Math.log10(min)); e <= Math.ceil(Math.log10(max)); e++) {
      steps.forEach(step => ticks.push(step * 10 ** e));
    }
    return ticks.filter(tick => tick >= min && tick <= max);
  }

  const scale = (title, more) => ({
    title: { display: true, text: title, color: css('--faint') },
    ticks: { color: css('--faint'), maxRotation: 0 },
    grid: { color: css('--line') },
    border: { color: css('--line') },
    ...more,
  });

  function logScale(title, ticks, min, max, format) {
    return scale(title, {
      type: 'logarithmic', min, max,
      afterBuildTicks: axis => { axis.ticks = ticks.map(value => ({ value })); },
      ticks: { color: css('--faint'), maxRotation: 0, autoSkip: true, autoSkipPadding: 8, callback: value => format(value) },
    });
  }

  /** A linear axis, or a logarithmic one where the values differ much: a single run that breaks down must not flatten the others. */
  function valueScale(title, values, limit = Infinity) {
    const low = Math.min(...values), high = Math.max(...values);
    if (low > 0 && high / low > 6) {
      const min = low / 1.1, max = high * 1.1;
      return logScale(title + ' (log scale)', decimalTicks(min, max), min, Math.min(max, limit), significant);
    }
    const axis = scale(title, { type: 'linear', grace: '6%', suggestedMin: low, suggestedMax: high });
    if (high + 0.1 * (high - low) > limit) axis.max = limit;
    if (low >= 0 && low - 0.1 * (high - low) < 0) axis.min = 0;
    axis.ticks.callback = significant;
    return axis;
  }

  function draw(canvas, datasets, scales, marks, title, label) {
    return new Chart(canvas, {
      type: 'line',
      data: { datasets },
      plugins: [intervalBands, trainingMarks],
      options: {
        animation: false, maintainAspectRatio: false, parsing: false, normalized: true,
        interaction: { mode: 'nearest', axis: 'x', intersect: false },
        scales,
        plugins: {
          trainingMarks: { points: marks },
          legend: { position: 'bottom', labels: { color: css('--ink'), usePointStyle: true, boxWidth: 8, boxHeight: 8 } },
          tooltip: {
            usePointStyle: true, itemSort: (a, b) => a.parsed.y - b.parsed.y,
            callbacks: { title: items => title(items[0].raw), label: item => ' ' + label(item) },
          },
        },
      },
    });
  }

  function byAxis(canvas) {
    const key = canvas.dataset.plot;
    const rows = data.measured.filter(row => row.series === canvas.dataset.series && row.values[key] !== null);
    if (rows.length === 0) return empty(canvas);
    const marks = places(rows.map(row => row.trainedAt));
    const ticks = places(rows.flatMap(row => [row.at, row.trainedAt]));
    const values = ticks.map(tick => tick.value);
    const datasets = data.runs.filter(run => rows.some(row => row.run === run)).map(run => ({
      label: run, ...lineStyle(run),
      data: rows.filter(row => row.run === run).sort((a, b) => a.at.value - b.at.value).map(row => ({ x: row.at.value, place: row.at.text, y: row.values[key], ...row.intervals[key] })),
    }));
    return draw(canvas, datasets, {
      x: logScale(data.axis.title + ' (log scale)', values, values[0] / 1.12, values[values.length - 1] * 1.12, value => ticks[values.indexOf(value)].text),
      y: valueScale(data.measures[key], rows.flatMap(row => [row.values[key], ...Object.values(row.intervals[key] || {})]), data.limits[key]),
    }, marks, point => axisName + ' ' + point.place, item => item.dataset.label + ': ' + significant(item.raw.y) + interval(item.raw));
  }

  /** The views of the position plot: every run at one point of the axis, or one run at every point. */
  function positionViews() {
    const views = [];
    for (const series of unique(data.positions.map(p => p.series))) {
      const curves = data.positions.filter(p => p.series === series);
      const points = places(curves.map(p => p.at)).reverse();
      const runs = unique(curves.map(p => p.run));
      if (runs.length > 1) {
        points.forEach(at => views.push({
          series, together: true, name: `all runs at ${data.axis.name} ${at.text}`, curves: curves.filter(p => p.at.value === at.value), label: p => p.run, index: p => data.runs.indexOf(p.run),
        }));
      }
      runs.forEach(run => views.push({
        series, together: false, name: `${run} at every ${data.axis.name}`, curves: curves.filter(p => p.run === run), label: p => `${data.axis.name} ${p.at.text}`,
        index: p => points.length - 1 - points.findIndex(at => at.value === p.at.value),
      }));
    }
    return views;
  }

  const views = positionViews();
  const select = document.getElementById('position-view');
  if (select) {
    for (const series of unique(views.map(view => view.series))) {
      const group = document.createElement('optgroup');
      group.label = series;
      views.forEach((view, i) => {
        if (view.series === series) group.append(new Option(view.name, i));
      });
      select.append(group);
    }
    // At the start the last point that most runs reach, or the only run.
    const together = views.filter(view => view.together);
    const most = Math.max(...together.map(view => view.curves.length));
    select.value = Math.max(0, views.indexOf(together.find(view => view.curves.length === most)));
    select.addEventListener('change', redraw);
  }

  function byPosition(canvas) {
    const view = views[Number(select.value)];
    const last = Math.max(...view.curves.flatMap(p => p.last));
    const powers = [];
    for (let power = 1; power <= last; power *= 2) powers.push(power);
    const datasets = view.curves.map(p => ({
      label: view.label(p), ...lineStyle(p.run, view.index(p)), pointRadius: 0, pointHoverRadius: 5, pointHitRadius: 4,
      data: p.loss.map((loss, i) => ({ x: Math.sqrt(p.first[i] * p.last[i]), y: loss, first: p.first[i], last: p.last[i] })),
    }));
    return draw(canvas, datasets, {
      x: logScale('Position in the window (log scale)', powers, 1, last, String),
      y: valueScale('Loss', view.curves.flatMap(p => p.loss)),
    }, places(view.curves.map(p => p.trainedAt)),
    point => 'Position ' + (point.first === point.last ? point.first : point.first + ' to ' + point.last),
    item => item.dataset.label + ': ' + significant(item.raw.y));
  }

  function curve(points, key) {
    return points.filter(point => point[key] !== null).map(point => ({ x: point.step, y: point[key] }));
  }

  function byStep(canvas) {
    const isLoss = canvas.dataset.plot === 'loss';
    const datasets = data.training.flatMap(({ run, points }) => {
      const thin = { ...lineStyle(run), pointRadius: 0, pointHitRadius: 4, borderWidth: 1.5 };
      if (!isLoss) return [{ label: run, ...thin, data: curve(points, 'learningRate') }];
      const validation = curve(points, 'validationLoss');
      const pale = validation.length > 0 ? { borderColor: thin.borderColor + '80' } : {};
      return [{ label: run, ...thin, ...pale, order: 1, data: curve(points, 'loss') },
        { label: run + ', validation', ...lineStyle(run), borderDash: [6, 4], order: 0, data: validation }];
    }).filter(dataset => dataset.data.length > 0);
    if (datasets.length === 0) return empty(canvas);
    const y = isLoss ? valueScale('Loss', datasets.flatMap(dataset => dataset.data.map(point => point.y))) : scale('Learning rate', { min: 0 });
    y.ticks.callback = significant;
    return draw(canvas, datasets, { x: scale('Optimizer step', { type: 'linear', min: 0 }), y }, [],
      point => 'Step ' + point.x, item => item.dataset.label + ': ' + significant(item.raw.y));
  }

  function empty(canvas) {
    const text = document.createElement('p');
    text.className = 'note';
    text.textContent = 'No values.';
    canvas.parentElement.replaceWith(text);
    return null;
  }

  let charts = [];
  function redraw() {
    charts.forEach(chart => chart.destroy());
    charts = [...document.querySelectorAll('canvas[data-plot]')].map(canvas => {
      // Plots of a measure have a series. A measure may be called loss, too.
      if (canvas.dataset.series !== undefined) return byAxis(canvas);
      return canvas.dataset.plot === 'positions' ? byPosition(canvas) : byStep(canvas);
    }).filter(chart => chart !== null);
  }

  function useTheme(theme) {
    root.dataset.theme = theme;
    Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
    redraw();
  }

  const prefersDark = matchMedia('(prefers-color-scheme: dark)');
  prefersDark.addEventListener('change', event => useTheme(event.matches ? 'dark' : 'light'));
  document.getElementById('theme').addEventListener('click', () => useTheme(root.dataset.theme === 'dark' ? 'light' : 'dark'));
  useTheme(prefersDark.matches ? 'dark' : 'light');
})();
