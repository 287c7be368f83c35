import { circle, HEIGHT, path, polygon, rect, stroke, svg, times, WIDTH } from './draw.ts'

/** A poster of circles and bars. */
export function theatre(): string {
  return svg(
    rect(0, 0, WIDTH, HEIGHT, '#f1e6cf'),
    polygon(
      [
        [610, 250],
        [1200, 560],
        [1200, 800],
        [360, 800],
      ],
      '#f4c430',
    ),
    circle(330, 330, 250, '#c8321f'),
    path('M330 80a250 250 0 0 1 0 500Z', '#8e1f13'),
    circle(330, 330, 92, '#f1e6cf'),
    circle(330, 330, 40, '#17130f'),
    ...times(7, (index) =>
      rect(720 + index * 62, 60, 26, 170 + ((index * 53) % 120), index % 3 === 1 ? '#c8321f' : '#17130f'),
    ),
    polygon(
      [
        [520, 170],
        [640, 120],
        [690, 220],
        [560, 300],
      ],
      '#17130f',
    ),
    stroke('M600 150V0', '#17130f', 16),
    ...times(8, (index) => circle(440 + index * 98, 690, 40, '#17130f')),
    ...times(8, (index) =>
      path(`M${400 + index * 98} 800v-40a40 40 0 0 1 80 0v40Z`, index === 3 ? '#c8321f' : '#17130f'),
    ),
    rect(0, 636, 330, 14, '#17130f'),
    rect(0, 668, 250, 14, '#17130f'),
    rect(0, 700, 170, 14, '#17130f'),
    stroke('M80 740L300 520', '#17130f', 10),
  )
}
