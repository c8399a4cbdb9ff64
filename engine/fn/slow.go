package fn

// slow are the functions that take more than a microsecond a row on flat
// columns, and why; BenchmarkFunctions tells, with arguments as long as those
// of the examples. Columns of a dictionary are computed once for each value.
var slow = map[string]string{
	"beta_inv":                 "it searches for the value, by the continued fraction of beta_cdf()",
	"extract_all":              "it runs a regular expression over the whole text, and writes all matches",
	"geo_info_from_ip_address": "it walks the tree of the database file, and writes a bag",
	"geo_geohash_neighbors":    "it computes and writes eight cells",
	"hll_merge":                "it gathers the hashes of all sketches, sorts them and writes them",
	"parse_user_agent":         "it tries some hundred regular expressions, of which those that cannot match are passed over by a text that they need",
	"parse_xml":                "it reads a whole document of XML, and writes another one of JSON",
}

// slowAtFirst are the functions that take more than a microsecond for a shape or
// a sketch that no row before in the batch had, and why. One that comes again
// has been read already.
var slowAtFirst = map[string]string{}

func init() {
	for reason, names := range map[string][]string{
		"it intersects the edges of two shapes on the sphere": {
			"geo_intersection_2lines", "geo_intersection_2polygons", "geo_intersection_line_with_polygon",
			"geo_intersects_2lines", "geo_intersects_2polygons", "geo_intersects_line_with_polygon",
		},
		"it computes a new shape, edge by edge, and writes it": {
			"geo_line_buffer", "geo_polygon_buffer", "geo_point_buffer", "geo_line_densify", "geo_polygon_densify", "geo_polygon_simplify",
			"geo_simplify_polygons_array", "geo_union_lines_array", "geo_union_polygons_array",
		},
		"it computes and writes many cells": {
			"geo_line_to_s2cells", "geo_polygon_to_s2cells", "geo_polygon_to_h3cells", "geo_h3cell_children", "geo_h3cell_neighbors", "geo_h3cell_rings",
			"geo_s2cell_neighbors",
		},
		"it computes the corners of a cell and writes them with all their digits": {"geo_h3cell_to_polygon", "geo_s2cell_to_polygon"},
		"it computes a model of the whole series": {
			"series_decompose", "series_decompose_anomalies", "series_decompose_forecast", "series_fit_2lines", "series_fit_2lines_dynamic",
			"series_fit_poly", "series_outliers", "series_periods_detect", "series_periods_validate",
		},
		"it computes as many frequencies as the series has elements, and writes both parts of each": {"series_fft", "series_ifft"},
		"it compresses, or takes apart what is compressed, with tables that begin anew for each text": {
			"gzip_compress_to_base64_string", "gzip_decompress_from_base64_string", "zlib_compress_to_base64_string", "zlib_decompress_from_base64_string",
		},
	} {
		for _, name := range names {
			slow[name] = reason
		}
	}
	for reason, names := range map[string][]string{
		"it reads GeoJSON and makes an index of the edges": {
			"geo_closest_point_on_line", "geo_closest_point_on_polygon", "geo_distance_point_to_line", "geo_distance_point_to_polygon", "geo_line_centroid",
			"geo_line_interpolate_point", "geo_line_length", "geo_line_locate_point", "geo_line_simplify", "geo_point_in_polygon", "geo_polygon_area",
			"geo_polygon_centroid", "geo_polygon_perimeter",
		},
		"it reads the hashes, the registers or the means, of which a sketch has up to thousands": {
			"dcount_hll", "percentile_tdigest", "percentiles_array_tdigest", "percentrank_tdigest", "rank_tdigest", "tdigest_merge",
		},
	} {
		for _, name := range names {
			slowAtFirst[name] = reason
		}
	}
}

// Slow says, in a sentence, when and why a function takes more than a
// microsecond a row; "" of those that do not.
func (s *Scalar) Slow() string {
	if why, ok := slow[s.Name]; ok {
		return "Takes more than a microsecond a row: " + why + "."
	}
	if why, ok := slowAtFirst[s.Name]; ok {
		return "Takes more than a microsecond for a shape or sketch that no row shortly before had: " + why + "."
	}
	return ""
}

// SlowCount is how many functions have such a reason.
func SlowCount() int { return len(slow) + len(slowAtFirst) }
