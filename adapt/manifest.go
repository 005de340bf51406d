package adapt

import (
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/text/unicode/norm"

	"framepilot/adapt/lists"
	"framepilot/pilot"
)

// readManifest reads the list of a source, a file or the folder it lies in, in
// whichever format it is. root is the folder its paths are relative to, dir
// the one IDs are.
func readManifest(s Source, file, root, dir string) ([]Item, lists.Listing, error) {
	l, err := lists.Open(file, s.FPS)
	if err != nil {
		return nil, lists.Listing{}, fmt.Errorf("manifest: %w", err)
	}
	got, err := l.Read(s.Format, func(path string) (string, error) { return locate(root, path) })
	if err != nil {
		return nil, lists.Listing{}, fmt.Errorf("manifest: %w", err)
	}
	items := make([]Item, len(got.Clips))
	for i, c := range got.Clips {
		items[i] = Item{
			ID: itemID(dir, c.Path, c.Start, c.End), Path: c.Path, Label: strings.Join(c.Labels, lists.LabelSeparator), Labels: c.Labels,
			Group: c.Group, Site: cmp.Or(c.Site, s.Name), place: c.Site, Split: c.Split, Caption: c.Caption,
			Start: c.Start, End: c.End, Extra: c.Extra, source: c.Source,
		}
		if got.Multi && len(c.Labels) == 0 && c.Caption == "" {
			items[i].Label = pilot.NoClass
		}
	}
	return items, got, nil
}

// locate finds the file a table calls path: as written, with the other
// system's separators, or in the other Unicode form (macOS archives).
func locate(root, path string) (string, error) {
	var first error
	for _, p := range []string{path, strings.ReplaceAll(path, `\`, "/"), norm.NFC.String(path), norm.NFD.String(path)} {
		p = filepath.FromSlash(p)
		if !filepath.IsAbs(p) {
			p = filepath.Join(root, p)
		}
		_, err := os.Stat(p)
		if err == nil {
			return p, nil
		}
		if first == nil {
			first = err
		}
	}
	return "", first
}
