/** Figures and findings as values in a notebook: they draw themselves, and are saved beside each other as picture, CSV and Arrow. */
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import type { MimeBundle } from "../display/bundle.ts";
import { chartOf, type FigureInput, valueTable } from "../display/figure.ts";
import { type Datum, type FigureTable, figureTable, tableArrow, tableCsv, tableForms } from "../display/figureTable.ts";
import { FINDING_COLUMNS, type Finding } from "../display/findings.ts";
import { plotlyFigure } from "../display/plotly.ts";
import { chartBlock } from "../display/svg.ts";
import { svgDocument } from "../display/svgDocument.ts";
import { chartText } from "../display/text.ts";
import { writeWholeSync } from "../io/whole.ts";
import { type Drawing, drawing } from "./jupyter.ts";

/** A figure with the numbers behind it. */
export interface Figure extends Drawing {
  readonly table: readonly Datum[];
  /**
   * Writes `path.svg` (if there is a picture), `path.csv` and `path.arrow`, each whole or not at all, and makes their folder. The CSV's first
   * line and the Arrow fields' metadata have the units.
   * @returns the figure
   */
  save(path: string): Figure;
}

/** A table of findings. */
export interface Findings extends Drawing {
  readonly table: readonly Finding[];
  /** As of a figure; there is no picture. */
  save(path: string): Findings;
}

/**
 * A figure; one without rows of panels draws itself as its table.
 * @param table the numbers behind it. Default: every value drawn.
 * @param units of the table's columns; one without holds pure numbers
 * @throws TypeError if a column of the table holds values of two kinds, or has a unit and no numbers
 * @throws RangeError if a unit is given for a column that is not there
 */
export function figure(input: FigureInput, table?: readonly Datum[], units?: Readonly<Record<string, string>>): Figure {
  const chart = chartOf(input);
  const drawn = valueTable(chart);
  const columns = table === undefined ? figureTable(drawn.rows, drawn.units) : figureTable(table, units);
  const svg = (): string => svgDocument(chart.title, chart.description, [chartBlock(chart)]);
  const picture = (): MimeBundle => ({
    "text/plain": chartText(chart),
    "image/svg+xml": svg(),
    "application/vnd.plotly.v1+json": plotlyFigure(chart),
  });
  const pictured = chart.rows.length > 0;
  return tabled(table ?? drawn.rows, columns, pictured ? picture : () => tableBundle(columns, chart.title, chart.caption), pictured && svg);
}

/**
 * What was found, beside the bars, as a table: `atMost`, `atLeast` and their like make its rows.
 * @param name of the experiment
 */
export function findings(name: string, rows: readonly Finding[]): Findings {
  const columns: FigureTable = { columns: FINDING_COLUMNS, rows: rows.map((r) => ({ ...r })) };
  return tabled(rows, columns, () => tableBundle(columns, name, ""), false);
}

function tableBundle(table: FigureTable, title: string, caption: string): MimeBundle {
  const { text, html } = tableForms(table, title, caption);
  return { "text/plain": text, "text/html": html };
}

function tabled<Row>(
  table: readonly Row[],
  columns: FigureTable,
  bundle: () => MimeBundle,
  svg: (() => string) | false,
): Drawing & { readonly table: readonly Row[]; save(path: string): ReturnType<typeof tabled<Row>> } {
  const value = drawing(
    {
      table,
      save(path: string): typeof value {
        mkdirSync(dirname(path), { recursive: true });
        if (svg) writeWholeSync(`${path}.svg`, svg());
        writeWholeSync(`${path}.csv`, tableCsv(columns));
        writeWholeSync(`${path}.arrow`, tableArrow(columns));
        return value;
      },
    },
    bundle,
  );
  return value;
}
