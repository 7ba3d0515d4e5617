package vn.suoi.connect;

import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.connect.connector.ConnectRecord;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.transforms.Transformation;

/**
 * A null stays a null.
 *
 * <p>Debezium gives the schema of a column the column's default, and the Avro converter writes the default of a schema
 * where the value is null. So an explicit NULL in a nullable column with a default would arrive as that default. This
 * transform takes the default away from every optional field of a value's schema; required fields keep theirs.
 */
public final class KeepNulls<R extends ConnectRecord<R>> implements Transformation<R> {
    /** Schemas live as long as the shape of a table; this many are far more than a connector has at a time. */
    private static final int MOST_SCHEMAS = 4096;

    private final Map<Schema, Schema> known = new IdentityHashMap<>();

    @Override
    public R apply(R record) {
        if (!(record.value() instanceof Struct value)) {
            return record;
        }
        Schema kept = kept(value.schema());
        if (kept == value.schema()) {
            return record;
        }
        return record.newRecord(
                record.topic(), record.kafkaPartition(), record.keySchema(), record.key(),
                kept, copied(value, kept), record.timestamp(), record.headers());
    }

    /** The schema without defaults of optional fields; the same object when there are none. */
    private Schema kept(Schema schema) {
        Schema found = known.get(schema);
        if (found == null) {
            if (known.size() >= MOST_SCHEMAS) {
                known.clear();
            }
            found = rebuilt(schema);
            known.put(schema, found);
        }
        return found;
    }

    private Schema rebuilt(Schema schema) {
        if (schema.type() != Schema.Type.STRUCT) {
            return schema.isOptional() && schema.defaultValue() != null ? like(schema).build() : schema;
        }
        Map<String, Schema> fields = new LinkedHashMap<>();
        boolean same = !(schema.isOptional() && schema.defaultValue() != null);
        for (Field field : schema.fields()) {
            Schema kept = kept(field.schema());
            same &= kept == field.schema();
            fields.put(field.name(), kept);
        }
        if (same) {
            return schema;
        }
        SchemaBuilder builder = like(schema);
        fields.forEach(builder::field);
        return builder.build();
    }

    /** Everything of the schema but its fields and the default of an optional one. */
    private static SchemaBuilder like(Schema schema) {
        SchemaBuilder builder = switch (schema.type()) {
            case ARRAY -> SchemaBuilder.array(schema.valueSchema());
            case MAP -> SchemaBuilder.map(schema.keySchema(), schema.valueSchema());
            default -> new SchemaBuilder(schema.type());
        };
        builder.name(schema.name()).version(schema.version()).doc(schema.doc());
        if (schema.parameters() != null) {
            builder.parameters(schema.parameters());
        }
        if (schema.isOptional()) {
            return builder.optional();
        }
        return schema.defaultValue() == null || schema.type() == Schema.Type.STRUCT
                ? builder
                : builder.defaultValue(schema.defaultValue());
    }

    private static Struct copied(Struct value, Schema schema) {
        Struct copy = new Struct(schema);
        for (Field field : value.schema().fields()) {
            Object item = value.getWithoutDefault(field.name());
            Schema wanted = schema.field(field.name()).schema();
            boolean nested = item instanceof Struct && wanted != field.schema();
            copy.put(field.name(), nested ? copied((Struct) item, wanted) : item);
        }
        return copy;
    }

    @Override
    public ConfigDef config() {
        return new ConfigDef();
    }

    @Override
    public void configure(Map<String, ?> settings) {
        known.clear();
    }

    @Override
    public void close() {
        known.clear();
    }
}
