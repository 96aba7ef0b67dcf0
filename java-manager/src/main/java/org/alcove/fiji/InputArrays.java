package org.alcove.fiji;

import ij.ImagePlus;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.alcove.Alcove;
import org.alcove.Axis;
import org.alcove.DType;
import org.alcove.Parameter;
import org.alcove.SharedArray;

/** What an op takes, made of what ImageJ has. The arrays are closed with it, which may be as soon as a call has begun. */
final class InputArrays implements AutoCloseable {
    private final Alcove alcove;
    private final OpRequest request;
    private final Map<String, Object> values = new LinkedHashMap<>();
    private final List<SharedArray> arrays = new ArrayList<>();
    private final List<ReadImage> images = new ArrayList<>();
    private final Map<Parameter, SharedArray> written = new LinkedHashMap<>();

    private InputArrays(Alcove alcove, OpRequest request) {
        this.alcove = alcove;
        this.request = request;
    }

    /**
     * Copies images into shared memory, each locked while it is read; makes the arrays that the op is to fill.
     *
     * @throws org.alcove.AlcoveException {@code invalid_params} when an image cannot be read, {@code out_of_shared_memory}
     */
    static InputArrays of(Alcove alcove, OpRequest request) {
        InputArrays inputs = new InputArrays(alcove, request);
        try {
            inputs.read();
            return inputs;
        } catch (RuntimeException | Error e) {
            inputs.close();
            throw e;
        }
    }

    /** As a call takes them, by parameter name. */
    Map<String, Object> values() {
        return values;
    }

    /** The images that were read as inputs of their own, in the op's order. */
    List<ReadImage> images() {
        return images;
    }

    /** The arrays that the op fills for the first time, by their parameters. */
    Map<Parameter, SharedArray> written() {
        return written;
    }

    /** What the results belong to. */
    Scene scene() {
        Optional<ReadImage> first = images.stream().findFirst();
        List<Axis> outer = outer();
        List<Position> positions = new ArrayList<>(List.of(first.map(ReadImage::fixed).orElse(Position.EVERYWHERE)));
        for (Axis axis : outer) {
            positions = positions.stream()
                    .flatMap(base -> IntStream.rangeClosed(1, (int) size(axis.name()))
                            .mapToObj(place -> base.at(axis.name(), place)))
                    .toList();
        }
        return new Scene(
                first.map(ReadImage::image).orElse(null),
                outer.stream().map(Axis::name).toList(),
                positions,
                first.map(image -> image.inner().stream().map(Axis::name).toList()).orElse(List.of("y", "x")));
    }

    @Override
    public void close() {
        arrays.forEach(SharedArray::close);
    }

    private void read() {
        List<Parameter> others = new ArrayList<>();
        for (Parameter parameter : request.op().inputs()) {
            Object value = request.inputs().get(parameter.name());
            if (value instanceof ImagePlus image) {
                ReadImage read = ReadImage.of(alcove, parameter, image, request.eachPosition());
                arrays.add(read.array());
                images.add(read);
                values.put(parameter.name(), read.array());
            } else if (request.inputs().containsKey(parameter.name()) || isFilled(parameter)) {
                others.add(parameter);
            }
        }
        Scene scene = scene();
        for (Parameter parameter : others) {
            values.put(parameter.name(), isFilled(parameter)
                    ? allocated(parameter)
                    : other(parameter, request.inputs().get(parameter.name()), scene));
        }
    }

    private static boolean isFilled(Parameter parameter) {
        return parameter.direction().equals(Optional.of("out"));
    }

    private Object other(Parameter parameter, Object value, Scene scene) {
        if (value instanceof List<?> list && list.stream().anyMatch(ImagePlus.class::isInstance)) {
            Parameter item = parameter.items().orElse(parameter);
            return list.stream()
                    .map(image -> kept(ReadImage.of(alcove, item, (ImagePlus) image, true).array()))
                    .toList();
        }
        Object converted = RegionInputs.convert(alcove, parameter, value, scene);
        RegionInputs.arraysIn(converted).forEach(this::kept);
        return converted;
    }

    private SharedArray kept(SharedArray array) {
        arrays.add(array);
        return array;
    }

    /** An array of the first image's size, along the axes that the op is called along, and those that it fills. */
    private SharedArray allocated(Parameter parameter) {
        ReadImage like = images.stream()
                .findFirst()
                .orElseThrow(() -> Refusal.of(
                        Words.of("InputArrays.noSize", parameter.name()), Words.of("InputArrays.noSizeHint")));
        List<Axis> axes = new ArrayList<>(outer());
        if (parameter.axes().isEmpty()) {
            axes.addAll(like.inner());
        } else {
            for (String name : Positions.known(parameter)) {
                Optional<Axis> found = like.array().axes().stream().filter(axis -> axis.name().equals(name)).findFirst();
                found.ifPresent(axes::add);
                if (found.isEmpty() && Positions.required(parameter).contains(name)) {
                    throw Refusal.of(
                            Words.of("InputArrays.noAxis", parameter.name(), name, like.image().getTitle()),
                            Words.of("InputArrays.noSizeHint"));
                }
            }
        }
        long[] shape = axes.stream().mapToLong(axis -> size(axis.name())).toArray();
        SharedArray array = kept(alcove.allocate(dtype(parameter, like), axes, shape));
        written.put(parameter, array);
        return array;
    }

    private static DType dtype(Parameter parameter, ReadImage like) {
        if (!parameter.dtypes().isEmpty()) {
            boolean isAsTheImage = parameter.dtypes().contains(like.array().dtype().name().toLowerCase(Locale.ROOT));
            return isAsTheImage
                    ? like.array().dtype()
                    : DType.valueOf(parameter.dtypes().get(0).toUpperCase(Locale.ROOT));
        }
        return switch (parameter.role().orElse("")) {
            case "mask" -> DType.BOOL;
            case "labels" -> DType.INT32;
            case "points", "vectors", "tracks" -> throw Refusal.of(
                    Words.of("InputArrays.noSize", parameter.name()), Words.of("InputArrays.noSizeHint"));
            default -> like.array().dtype();
        };
    }

    /** The axes that no image's op knows; those of the image that has most of them first, as the worker has it. */
    private List<Axis> outer() {
        List<Axis> outer = new ArrayList<>();
        images.stream()
                .sorted(Comparator.comparingInt((ReadImage image) -> -image.outer().size()))
                .flatMap(image -> image.outer().stream())
                .filter(axis -> outer.stream().noneMatch(other -> other.name().equals(axis.name())))
                .forEach(outer::add);
        return outer;
    }

    /** The length along an axis, in the first image that has it. */
    private long size(String axis) {
        for (ReadImage image : images) {
            for (Axis own : image.array().axes()) {
                if (own.name().equals(axis)) {
                    return image.size(own);
                }
            }
        }
        return 1;
    }
}
