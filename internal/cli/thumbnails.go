package cli

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/jpeg"
	"path/filepath"

	"framepilot/adapt"
	"framepilot/model/video"
	"framepilot/pilot/report"
)

// thumbnailSide is the side of a picture in a report, in pixels.
const thumbnailSide = 168

// thumbnails takes first frames of clips whose files are still where the plan
// in dir had them.
func (a *app) thumbnails(ctx context.Context, dir string) report.Thumbnails {
	return func(clip string) ([]byte, bool) {
		file, start, _ := adapt.ParseID(clip)
		if !filepath.IsAbs(file) {
			file = filepath.Join(dir, file)
		}
		c, err := a.decoder.Read(ctx, file, video.Options{
			Recipe: video.Features, Frames: 1, Size: thumbnailSide, Start: start,
		})
		if err != nil || c.Valid == 0 {
			return nil, false
		}
		var b bytes.Buffer
		if err := jpeg.Encode(&b, firstFrame(c), &jpeg.Options{Quality: 72}); err != nil {
			return nil, false
		}
		return b.Bytes(), true
	}
}

func firstFrame(c *video.Clip) image.Image {
	img := image.NewRGBA(image.Rect(0, 0, c.Size, c.Size))
	for i := range c.Size * c.Size {
		img.SetRGBA(i%c.Size, i/c.Size, color.RGBA{c.Pix[3*i], c.Pix[3*i+1], c.Pix[3*i+2], 255})
	}
	return img
}
