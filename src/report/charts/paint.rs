//! A sheet as SVG and as PNG, drawn by the same code on two of plotters' backends.

use std::fmt::Display;

use plotters::backend::{BitMapBackend, DrawingBackend, SVGBackend};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, FontDesc, FontFamily, FontTransform, RGBColor, ShapeStyle, TextStyle};

use super::ChartError;
use super::glyphs::glyph;
use super::lettering::FAMILY;
use super::sheet::{Align, Line, Shape, Sheet};
use super::theme::{DENSITY, Lettering, PAPER};

/// The fonts an SVG asks for; those after the first are about as wide, or narrower.
const FAMILIES: &str = "Noto Sans, Segoe UI, Helvetica, Arial, sans-serif";

/// What plotters' two backends make of a text.
#[derive(Clone, Copy, PartialEq)]
enum Medium {
    /// The reader's program sets the whole line.
    Svg,
    /// Plotters draws letters, each at whole pixels.
    Bitmap,
}

impl Medium {
    /// The size to ask for: the SVG backend takes the em to be the size by 1.24, the other one
    /// scales the font's whole line to it.
    fn size(self, lettering: Lettering) -> f64 {
        match self {
            Medium::Svg => lettering.em() * 1.24,
            Medium::Bitmap => f64::from(lettering.line),
        }
    }

    /// How far below the point of a text of anchor "top" its base line is: `dy="0.76em"`, or the
    /// middle of the line.
    fn drop(self, lettering: Lettering) -> f64 {
        match self {
            Medium::Svg => lettering.em() * 0.76,
            Medium::Bitmap => f64::from(lettering.line) / 2.0,
        }
    }
}

/// The sheet as a self-contained SVG.
pub fn svg(sheet: &Sheet) -> Result<String, ChartError> {
    let (width, height) = device_size(sheet);
    let mut drawn = String::new();
    let mut backend = SVGBackend::with_string(&mut drawn, (width, height));
    paint(sheet, &mut backend, Medium::Svg)?;
    drop(backend);

    // The backend's own head has device pixels as its size, and nothing for a screen reader.
    let body = drawn.split_once('>').map_or("", |(_, body)| body);
    let body = body.replace(&format!("font-family=\"{FAMILY}\""), &format!("font-family=\"{FAMILIES}\""));
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{}\" height=\"{}\" \
         viewBox=\"0 0 {width} {height}\" role=\"img\">\n<title>{}</title>\n<desc>{}</desc>{body}",
        width / DENSITY,
        height / DENSITY,
        escaped(&sheet.title),
        escaped(&sheet.description),
    ))
}

/// The sheet as a PNG.
pub fn png(sheet: &Sheet) -> Result<Vec<u8>, ChartError> {
    let (width, height) = device_size(sheet);
    let mut pixels = vec![0; width as usize * height as usize * 3];
    let mut backend = BitMapBackend::with_buffer(&mut pixels, (width, height));
    paint(sheet, &mut backend, Medium::Bitmap)?;
    drop(backend);

    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    // Large even areas: filters gain nothing on them, and this level takes a third of the time that
    // the encoder's own choice takes, for files no larger.
    encoder.set_filter(png::Filter::NoFilter);
    encoder.set_deflate_compression(png::DeflateCompression::Level(4));
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&pixels)?;
    writer.finish()?;
    Ok(bytes)
}

fn device_size(sheet: &Sheet) -> (u32, u32) {
    let side = |length: f64| (length.ceil() as u32).clamp(1, 20_000) * DENSITY;
    (side(sheet.width), side(sheet.height))
}

/// Draws the sheet on any backend.
fn paint<B: DrawingBackend>(sheet: &Sheet, backend: &mut B, medium: Medium) -> Result<(), ChartError> {
    backend.ensure_prepared().map_err(failed)?;
    let (width, height) = backend.get_size();
    fill_rect(backend, (0, 0), (width as i32, height as i32), PAPER)?;
    for shape in &sheet.shapes {
        match shape {
            Shape::Rect { area, fill } => {
                let (left, right) = (pixel(area.left), pixel(area.right));
                let (top, bottom) = (pixel(area.top), pixel(area.bottom));
                fill_rect(backend, (left, top), (right, bottom), *fill)?;
            }
            Shape::Line { from, to, color, thickness } => {
                draw_line(backend, medium, (*from, *to), *color, *thickness)?
            }
            Shape::Disc { center, radius, fill } => {
                let center = (pixel(center.0), pixel(center.1));
                backend.draw_circle(center, pixel(*radius) as u32, fill, true).map_err(failed)?;
            }
            Shape::Text(line) => draw_text(backend, medium, line)?,
        }
    }
    backend.present().map_err(failed)
}

/// A rectangle without its right and bottom edge, on both backends; an empty one is not drawn.
fn fill_rect<B: DrawingBackend>(
    backend: &mut B,
    (left, top): (i32, i32),
    (right, bottom): (i32, i32),
    fill: RGBColor,
) -> Result<(), ChartError> {
    if right <= left || bottom <= top {
        return Ok(());
    }
    backend.draw_rect((left, top), (right, bottom), &fill, true).map_err(failed)
}

/// A line; one along an axis is a rectangle, whose edges lie on whole pixels and so are sharp.
fn draw_line<B: DrawingBackend>(
    backend: &mut B,
    medium: Medium,
    ends: ((f64, f64), (f64, f64)),
    color: RGBColor,
    thickness: f64,
) -> Result<(), ChartError> {
    let thick = pixel(thickness).max(1);
    let (from, to) = ends;
    let (from, to) = ((pixel(from.0), pixel(from.1)), (pixel(to.0), pixel(to.1)));
    let (left, right) = (from.0.min(to.0), from.0.max(to.0));
    let (top, bottom) = (from.1.min(to.1), from.1.max(to.1));
    if top == bottom {
        let top = top - thick / 2;
        fill_rect(backend, (left, top), (right, top + thick), color)
    } else if left == right {
        let left = left - thick / 2;
        fill_rect(backend, (left, top), (left + thick, bottom), color)
    } else if medium == Medium::Bitmap {
        slanted_line(backend, from, to, color, f64::from(thick))
    } else {
        let style = ShapeStyle { color: color.to_rgba(), filled: false, stroke_width: thick as u32 };
        backend.draw_path([from, to], &style).map_err(failed)
    }
}

/// A slanted line with smooth edges, pixel by pixel: plotters' own has another thickness at each slope.
fn slanted_line<B: DrawingBackend>(
    backend: &mut B,
    from: (i32, i32),
    to: (i32, i32),
    color: RGBColor,
    thick: f64,
) -> Result<(), ChartError> {
    let (width, height) = backend.get_size();
    let margin = thick as i32 + 1;
    let reach = |one: i32, other: i32, size: u32| {
        (one.min(other) - margin).max(0)..(one.max(other) + margin).min(size as i32)
    };
    let (across, down) = (f64::from(to.0 - from.0), f64::from(to.1 - from.1));
    let length = across.hypot(down);
    for y in reach(from.1, to.1, height) {
        for x in reach(from.0, to.0, width) {
            let (right, below) = (f64::from(x - from.0) + 0.5, f64::from(y - from.1) + 0.5);
            let aside = (right * down - below * across).abs() / length;
            let along = (right * across + below * down) / length;
            let beyond = (along - length).max(-along).max(0.0);
            let cover = (thick / 2.0 + 0.5 - aside).min(1.0 - beyond).clamp(0.0, 1.0);
            if cover > 0.0 {
                backend.draw_pixel((x, y), color.mix(cover).to_backend_color()).map_err(failed)?;
            }
        }
    }
    Ok(())
}

/// A line of text, its capitals centred on the point's height.
fn draw_text<B: DrawingBackend>(backend: &mut B, medium: Medium, line: &Line) -> Result<(), ChartError> {
    let lettering = line.lettering;
    let rise = lettering.capital() / 2.0 - medium.drop(lettering);
    let (x, y) = line.at;
    let (h_pos, back) = match line.align {
        Align::Left => (HPos::Left, 0.0),
        Align::Center | Align::Upward => (HPos::Center, 0.5),
        Align::Right => (HPos::Right, 1.0),
    };
    let upward = line.align == Align::Upward;
    let transform = if upward { FontTransform::Rotate270 } else { FontTransform::None };
    let size = medium.size(lettering) * f64::from(DENSITY);
    let font = FontDesc::new(FontFamily::Name(FAMILY), size, lettering.weight()).transform(transform);
    let color = lettering.color.to_backend_color();

    if medium == Medium::Svg {
        let at = if upward { (x + rise, y) } else { (x, y + rise) };
        let style = TextStyle { font, color, pos: Pos::new(h_pos, VPos::Top) };
        return backend.draw_text(&line.text, &style, (pixel(at.0), pixel(at.1))).map_err(failed);
    }
    let style = TextStyle { font, color, pos: Pos::new(HPos::Left, VPos::Top) };
    let mut pen = -back * lettering.width(&line.text);
    for letter in line.text.chars() {
        let glyph = glyph(letter, lettering.bold);
        // Plotters sets a letter's ink at the point, rounded down to a whole pixel.
        let bearing = (glyph.bearing * lettering.em() * f64::from(DENSITY)).floor() as i32;
        let along = pixel(pen) + bearing;
        let at =
            if upward { (pixel(x + rise), pixel(y) - along) } else { (pixel(x) + along, pixel(y + rise)) };
        backend.draw_text(letter.encode_utf8(&mut [0; 4]), &style, at).map_err(failed)?;
        pen += glyph.advance * lettering.em();
    }
    Ok(())
}

/// A logical length in device pixels. Far out is far enough: a backend may walk along every pixel.
fn pixel(length: f64) -> i32 {
    (length * f64::from(DENSITY)).round().clamp(-100_000.0, 100_000.0) as i32
}

fn failed(error: impl Display) -> ChartError {
    ChartError::Drawing(error.to_string())
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '&' => safe.push_str("&amp;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&apos;"),
            letter => safe.push(letter),
        }
    }
    safe
}
